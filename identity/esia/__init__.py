"""ESIA, the national sign-in: its words, our client of it, and a simulator that speaks the same words."""
