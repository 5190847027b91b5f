"""What our endpoint is measured beside: each a real server of our own code, in Python here, on Node in `*.mjs`."""
