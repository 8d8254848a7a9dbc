"""What exists in Dagster, room by room: dock, workshop, seal and gallery, and when it runs."""
