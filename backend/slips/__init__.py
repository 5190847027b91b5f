"""Slips of paper that a kiosk prints: one appointment, and nobody's name."""
