"""The promise to the clients: published schema, operations, manifests and error catalogue."""
