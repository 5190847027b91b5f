title = Welcome to My Health
body = Messages about your appointments will appear here.
