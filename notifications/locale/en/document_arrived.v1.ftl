title = New document: { $document }
body = The document is of { $issued_date }. { $clinic }. It is kept under “Documents”.
push-title = New document
push-body = It waits for you in the app.
email-subject = My Health: new document
email-body = There is a new document in the app My Health. Open it under “Documents”.
