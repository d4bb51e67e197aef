"""Parse Markdown into the blocks of a document. The only package that knows markdown-it."""
