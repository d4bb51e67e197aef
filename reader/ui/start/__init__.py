"""The first screen, from its first frame, drawn without Textual, until Textual takes it over."""
