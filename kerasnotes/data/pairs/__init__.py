"""Texts in pairs: a source, and what it is translated to."""
