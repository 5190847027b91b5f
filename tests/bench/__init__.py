"""The benchmark of `make bench`: our endpoint beside REST over the same services and beside the bare server."""
