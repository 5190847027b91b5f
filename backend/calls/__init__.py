"""Calls of 122: an operator acts for whoever was verified, until the call ends."""
