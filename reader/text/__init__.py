"""Documents, places, words, widths, sanitising and search. Imports no other package of reader."""
