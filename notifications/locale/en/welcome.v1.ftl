title = Welcome to My Health
body = Messages about your appointments will appear here.
push-title = New message
push-body = Your messages will appear here.
