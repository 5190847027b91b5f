"""The face of the profile."""
