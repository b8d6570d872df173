"""Where a token stands, told to a network that else could not know."""
