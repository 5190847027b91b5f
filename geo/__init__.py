"""Where things are and how far apart: pure functions, no database."""
