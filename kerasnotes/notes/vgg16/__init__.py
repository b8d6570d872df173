"""VGG: small filters, in depth."""
