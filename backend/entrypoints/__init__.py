"""The roof: builds everything, imported by nothing."""
