"""A person's consents: what can be asked, given, withdrawn, and read again."""
