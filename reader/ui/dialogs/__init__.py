"""Screens that open over the main one: contents, annotations, history, editor and help."""
