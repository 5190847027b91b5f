"""What a parent and its workers say to each other: lines, over the workers' standard input and output."""

SERVING = b"serving\n"
"""Worker: I accept, and my event loop turns. Said every `HEARTBEAT_SECONDS`."""
FAILED = b"failed "
"""Worker: I cannot serve; the rest of the line says why."""
HAND_OVER = b"hand over\n"
"""Parent: another worker serves in your place. Any other word, or the end of the stream: leave, all of us do."""

HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 30.0
"""A worker that said nothing for so long hangs, and is replaced."""
START_SECONDS = 60.0
"""A worker that does not serve by then cannot start."""
