"""Training pairs: found, read, cleaned, varied and split. Nothing here imports torch."""
