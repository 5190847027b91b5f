"""Devices of a person in the schema: where they are signed in, and signing out."""
