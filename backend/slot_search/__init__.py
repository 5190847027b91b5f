"""The search that answers in one round trip: what is looked for becomes ids in memory, and SQL sees slots only."""
