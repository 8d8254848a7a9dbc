"""The protocols of the sources: one module each, found by the name a contract uses."""
