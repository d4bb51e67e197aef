"""Everything that draws and takes keys. The only package that knows Textual."""
