"""Booking for people whom a public services portal names: its sessions, and what came of each booking in them."""
