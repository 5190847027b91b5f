"""Tests of the face of the officer's desk for guardianships."""
