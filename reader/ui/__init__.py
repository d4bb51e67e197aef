"""The screen: everything that draws and takes keys, and the only code that knows Textual."""
