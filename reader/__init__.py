"""Read essays and stories in a terminal."""

__version__ = "0.1.0"
