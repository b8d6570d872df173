"""A network that others have trained, and a head of one's own."""
