"""One long text as a language: tokens, and windows of them."""
