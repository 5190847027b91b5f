"""Messages to people: the inbox is the truth, every other channel only wakes the app."""
