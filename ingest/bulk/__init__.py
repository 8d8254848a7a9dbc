"""The road of large files: read, typed, checked and hashed in one pass, never whole in memory."""
