"""Scripts that run outside our environment, with libraries that know nothing of ours."""
