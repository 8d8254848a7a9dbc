"""The sample region's generator: invented files in the native formats of the sources, with planted truths.

Belongs here: inventing companies, answers, trade and statistics, and writing them the way each source would deliver them.
Does not belong here: reading those files (the connectors do that), any regional fact (the region folder has them), any download.
"""

from ingest.sample.generate import SampleManifest, ensure, generate

__all__ = ["SampleManifest", "ensure", "generate"]
