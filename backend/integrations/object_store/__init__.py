"""Objects kept on the disk of this machine."""
