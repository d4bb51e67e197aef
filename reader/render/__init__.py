"""A story's head, tail and end card as blocks; output as plain text, JSON and Markdown."""
