"""The registry desk of a clinic, and what people see of it."""
