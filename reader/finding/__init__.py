"""Find stories by words and fields: filters, the index of words, and where in a text words are."""
