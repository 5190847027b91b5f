"""A person's inbox: reading it, marking it seen, and being told when it changes."""
