"""Asking sources: the one polite client, what a connector is, and keeping what came."""
