title = Invitation declined
body = The person you invited to act for you has declined.
push-title = Invitation declined
push-body = The details are in the app.
email-subject = My Health: invitation declined
email-body = Your invitation was declined. The details are in the app My Health.
