title = The copy of your data is ready
body = Download it in “My data” before its term ends.
push-title = The copy of your data is ready
push-body = Was it not you? Delete it and sign out everywhere.
email-subject = My Health: the copy of your data is ready
email-body = Download it in the app My Health, in “My data”. If it was not you who asked, delete it there and sign out everywhere.
