"""Devices that can be woken: registering them, and what the ends and beginnings of sessions mean for them."""
