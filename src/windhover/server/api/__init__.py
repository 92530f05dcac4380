"""The handlers, by subject; each module's `ROUTES` are rows of the one table."""
