"""Turn blocks into lines at a measure, and map rows to places and back."""
