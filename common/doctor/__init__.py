"""Is this installation well? It is looked at and never changed."""
