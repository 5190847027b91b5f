"""The registry desk of a clinic: what its staff do with its schedules and visits."""
