"""The face of handovers from a kiosk to a phone."""
