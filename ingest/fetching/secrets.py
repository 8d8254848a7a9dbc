"""Names, passwords and keys of sources: read when needed, never shown, never stored.

A secret is looked for in the environment (``KETTENWERK_<SOURCE>_<NAME>``) and then in the secrets file (YAML,
``{source: {name: value}}``, readable by its owner only; ``KETTENWERK_SECRETS_FILE``, else ``secrets.yml`` in the home).

Belongs here: finding secrets and taking them out of text. Does not belong here: how a protocol sends them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from warehouse.errors import SettingsError

HIDDEN = "***"
OTHERS_MAY_READ = 0o077


@dataclass(frozen=True)
class Secrets:
    """The secrets of one source; printing it shows their names only."""

    source_id: str
    values: dict[str, str] = field(repr=False, default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def missing(self, names: list[str]) -> list[str]:
        """Which of ``names`` are not set."""
        return [name for name in names if not self.values.get(name)]

    def scrub(self, text: str) -> str:
        """``text`` without any secret in it."""
        for value in sorted(self.values.values(), key=len, reverse=True):
            text = text.replace(value, HIDDEN) if value else text
        return text

    def scrub_bytes(self, content: bytes) -> bytes:
        """``content`` without any secret in it; services repeat the account's name in their answers."""
        for value in sorted(self.values.values(), key=len, reverse=True):
            content = content.replace(value.encode(), HIDDEN.encode()) if value else content
        return content


def variable(source_id: str, name: str) -> str:
    """The environment variable of a secret."""
    return f"KETTENWERK_{source_id}_{name}".upper()


def secrets_of(source_id: str, names: list[str], home: Path) -> Secrets:
    """Look the named secrets up; what is not set is left out."""
    kept = _from_file(home).get(source_id) or {}
    found = {name: os.environ.get(variable(source_id, name)) or str(kept.get(name) or "") for name in names}
    return Secrets(source_id, {name: _clean(source_id, name, value) for name, value in found.items() if value.strip()})


def _clean(source_id: str, name: str, value: str) -> str:
    """A secret without the line break it was pasted with; libraries quote a malformed one in their errors."""
    value = value.strip()
    if not value.isprintable():
        raise SettingsError(
            "the secret holds a character that cannot be sent", where=variable(source_id, name),
            expected="one line of printable characters", todo="set it again",
        )  # fmt: skip
    return value


def _from_file(home: Path) -> dict[str, dict[str, object]]:
    path = Path(os.environ.get("KETTENWERK_SECRETS_FILE") or home / "secrets.yml").expanduser()
    if not path.exists():
        return {}
    if path.stat().st_mode & OTHERS_MAY_READ:
        raise SettingsError(
            "others may read this file", where=str(path), expected="mode 600", todo=f"call: chmod 600 {path}"
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError:
        content = None  # the parser's message would quote the line
    if not isinstance(content, dict) or not all(isinstance(v, dict) for v in content.values()):
        raise SettingsError("this is not a list of secrets", where=str(path), expected="YAML: source, name, value")
    return content
