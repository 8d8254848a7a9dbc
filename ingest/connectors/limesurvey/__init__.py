"""LimeSurvey's RemoteControl 2: a session, what changed, and one file per survey."""

from ingest.connectors.limesurvey.protocol import LimeSurvey

__all__ = ["LimeSurvey"]
