"""The shelf: its entries, sections and order, the stories before and after one, and the end card."""
