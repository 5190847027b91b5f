title = You have shared a document
body = { $document }. With: { $reader }. The access ends by itself: { $ends_date } at { $ends_time } ({ $place_of_time } local time). You can close it earlier under “Documents”.
push-title = A document was shared
push-body = Was it not you? Close the access in the app.
email-subject = My Health: a document was shared
email-body = The access ends by itself on { $ends_day } at { $ends_time }. If it was not you who shared it, close it in the app My Health and sign out everywhere.
