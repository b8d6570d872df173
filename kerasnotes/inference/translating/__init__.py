"""Answers in texts: the likeliest found token by token, in one loop."""
