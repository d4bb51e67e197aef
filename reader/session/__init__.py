"""What the reader is doing now: the open story, read status, annotations, order, jumps. No Textual."""
