"""EPUB books: each chapter becomes a part of a series.

A module for the package, which lists the files and their order (`package`), the table of contents
(`contents`), which parts there are (`parts`), and their text (`chapters`). A chapter is read and
converted when its draft is requested, so that the first one of a long book is there at once.
"""
