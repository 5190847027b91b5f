"""The face of the inbox."""
