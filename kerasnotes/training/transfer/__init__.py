"""A new run that begins with what another one learned."""
