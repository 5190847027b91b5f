title = The request for erasure was taken back
body = Your data stay. You can ask again on any day.
push-title = The request for erasure was taken back
push-body = Your data stay.
email-subject = My Health: the request for erasure was taken back
email-body = Your data stay. If it was not you who took it back, sign out everywhere in the app My Health.
