"""The search of all texts on the screen: its overlay, and what keeps it and its index up to date."""
