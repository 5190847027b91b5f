"""Calendars that follow a person's appointments."""
