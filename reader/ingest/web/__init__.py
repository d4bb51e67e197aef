"""The web: hosts and connections (`hosts`, `fetch`), and what pages lead to (`leads`, `pages`)."""
