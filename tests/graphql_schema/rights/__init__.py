"""Tests of the face of the rights of the subject."""
