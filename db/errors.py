"""The one exception that ends a command with a sentence instead of a traceback."""


class SetupError(Exception):
    """Says what is wrong, where, and what to do about it."""
