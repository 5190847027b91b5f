"""Where a person is signed in, and signing out there; the rules of sessions are those of `identity`."""
