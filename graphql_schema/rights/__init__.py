"""The face of the rights of the subject."""
