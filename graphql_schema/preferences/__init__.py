"""The face of preferences."""
