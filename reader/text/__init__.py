"""Documents, places, words, widths, sanitising and search. Depends on no other package of reader."""
