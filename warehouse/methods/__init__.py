"""Numerical methods of the warehouse: pure functions, arrays or frames in, arrays or frames out.

What belongs here: formulae that SQL cannot say well (product space, complexity, market fit, score curves), each
with the convention it follows. What does not: reading files, settings or YAML, DuckDB, logging, dates of "now".
"""
