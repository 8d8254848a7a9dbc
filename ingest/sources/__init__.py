"""Sources: one contract (`<source>.yml`) each, and a module of the same name only where reading it differs."""
