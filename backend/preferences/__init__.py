"""What people want to be told, over which channel and when not; leaving a topic by the link of a mail."""
