"""One folder an outside system: its words, a real HTTP client and a real HTTP simulator."""
