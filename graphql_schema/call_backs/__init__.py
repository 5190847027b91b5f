"""The face of asking to be called back."""
