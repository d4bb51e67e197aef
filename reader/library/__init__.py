"""Which stories exist: files, front matter, the index, the catalog and the text cache."""
