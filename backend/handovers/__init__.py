"""Going on at one's phone with what was begun at a kiosk."""
