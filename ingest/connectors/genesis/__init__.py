"""The GENESIS family: GENESIS-Online, Regionalstatistik, Landesdatenbank; one protocol, several services."""

from ingest.connectors.genesis.protocol import Genesis

__all__ = ["Genesis"]
