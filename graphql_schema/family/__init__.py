"""The face of the family."""
