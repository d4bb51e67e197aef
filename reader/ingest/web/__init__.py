"""Fetching from the web: a page with its redirects, and the hosts to which connections are made."""
