"""The face of policies."""
