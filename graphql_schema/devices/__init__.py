"""The face of devices that can be woken."""
