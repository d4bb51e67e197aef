"""Web pages: the story in a page, and what the page says about it.

A module for the tree of a page (`html_tree`), its facts (`page_facts`), the elements that hold the
story (`article`), its footnotes (`footnotes`) and its Markdown (`html_to_markdown`). No input or
output.
"""
