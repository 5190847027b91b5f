title = The guardianship document was not accepted
body = The document could not be verified. Please bring the original to the registry desk.
