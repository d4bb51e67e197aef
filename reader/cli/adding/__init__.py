"""The commands that add to the library: stories, feeds and folders."""
