"""The dock: deliveries in, typed Parquet out. See README.md of this folder."""
