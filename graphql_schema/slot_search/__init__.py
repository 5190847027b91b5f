"""The search for slots: its filter, its answers, and why there is none."""
