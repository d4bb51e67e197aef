"""What the source of a story says: its encoding, its front matter, its date."""
