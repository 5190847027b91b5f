"""A demo region of generated people and clinics, the same for the same seed number."""
