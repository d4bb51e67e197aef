"""The page widget: the reading pane, how its rows are drawn, and pointing at what is in it."""
