"""The face of booking: slots, holds and appointments."""
