"""Pure arithmetic of reading: credited words, pace, revisions of a text, annotations."""
