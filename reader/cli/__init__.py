"""The command line: one registry of commands, their handlers and what they work with."""
