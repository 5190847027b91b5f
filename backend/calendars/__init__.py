"""Appointments in a person's own calendar: one file, and a private feed that tells no more than the person allows."""
