"""A real HTTP server on loopback that behaves like the sources, faults included. Bodies are invented."""
