"""The face of consents."""
