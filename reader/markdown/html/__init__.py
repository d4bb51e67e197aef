"""HTML in Markdown: tags, blocks, lists and styles."""
