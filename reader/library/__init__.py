"""The stories: files, front matter, index, catalog and text cache."""
