"""A quiet place to read essays and stories in a terminal."""

__version__ = "0.1.0"
