"""Clinics, doctors, slots and appointments of our own registry; other registries join through ports."""
