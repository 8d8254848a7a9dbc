"""Benchmarks: both sides in one run, interleaved, medians, with versions and load. Never part of the tests."""
