"""One image file: its head, its pixels, a model's raw values."""
