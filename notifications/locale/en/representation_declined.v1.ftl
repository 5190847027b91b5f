title = Invitation declined
body = The person you invited to act for you has declined.
