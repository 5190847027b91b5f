"""Pages for people: what is here, and what each error code means."""
