title = The guardianship document was not accepted
body = The document could not be verified. Please bring the original to the registry desk.
push-title = A document was not accepted
push-body = The app says what to do next.
email-subject = My Health: a document was not accepted
email-body = The document you added could not be verified. The app My Health says what to do next.
