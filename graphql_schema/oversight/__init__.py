"""The face of oversight."""
