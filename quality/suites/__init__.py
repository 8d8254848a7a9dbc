"""Suites: the release-level rules by kind of question."""
