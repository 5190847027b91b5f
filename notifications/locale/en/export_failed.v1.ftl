title = The copy of your data could not be made
body = Ask for it again in “My data”. If that fails too, write to the support.
push-title = The copy of your data could not be made
push-body = Ask for it again in the app.
email-subject = My Health: the copy of your data could not be made
email-body = Ask for it again in the app My Health, in “My data”.
