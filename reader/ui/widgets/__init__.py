"""The other widgets of the screen: shelf, status bar, search bar, lists and panes."""
