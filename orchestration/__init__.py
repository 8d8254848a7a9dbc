"""Orchestration: wires the rooms into Dagster and the command line, and holds no logic of its own."""
