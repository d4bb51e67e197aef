"""Parse Markdown into the blocks of a document. The only package that imports markdown-it."""
