"""Several runs as one: trained, put together."""
