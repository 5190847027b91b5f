"""The face of calls of 122."""
