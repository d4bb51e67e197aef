"""The command line: the entry point, the registry of commands and their handlers."""
