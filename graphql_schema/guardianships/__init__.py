"""The face of the officer's desk for guardianships."""
