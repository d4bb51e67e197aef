"""A reading session: the open story, tracking, read status, annotations, order, jump list.

Nothing in this package imports Textual.
"""
