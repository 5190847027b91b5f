title = Prescription issued: { $drug }
body = Doctor: { $doctor }. The prescription is good up to and including { $expires_date }.
push-title = New message
push-body = The details are in the app.
email-subject = My Health: new message
email-body = There is a new message for you. Read it in the app My Health.
