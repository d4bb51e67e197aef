"""Handle the screen's commands. Each controller owns one subject and gets only what it uses."""
