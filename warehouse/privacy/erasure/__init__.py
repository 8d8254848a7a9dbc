"""Erasing a company: what is held of it is found, removed everywhere, searched for, and the search is kept as proof."""
