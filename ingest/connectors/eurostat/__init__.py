"""The Eurostat API: statistics (JSON-stat) and SDMX, main and Comext hosts."""

from ingest.connectors.eurostat.protocol import Eurostat

__all__ = ["Eurostat"]
