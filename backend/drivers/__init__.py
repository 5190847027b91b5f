"""What the two databases' drivers speak: their values, their failures, and connections for reading."""
