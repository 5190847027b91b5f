title = The review of an access is finished
body = Its outcome stands in the access log.
push-title = New message
push-body = The review of an access is finished. Its outcome stands in the access log.
email-subject = My Health: the review of an access is finished
email-body = Its outcome stands in the access log, in the app My Health.
