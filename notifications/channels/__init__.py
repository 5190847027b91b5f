"""Ways to reach a person outside the app; each is a sender behind one port, with a simulator that is a real server."""
