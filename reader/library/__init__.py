"""Which stories exist: files and their sources, index, catalog, text cache."""
