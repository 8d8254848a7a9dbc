"""Secrets: found in environment or file, without stray line breaks, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.fetching.secrets import secrets_of
from warehouse.errors import SettingsError


@pytest.mark.parametrize("value", ["token-1", " token-1", "token-1\n"])
def test_a_pasted_line_break_is_not_part_of_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("KETTENWERK_KOBO_TOKEN", value)
    secrets = secrets_of("kobo", ["token"], tmp_path)
    assert secrets["token"] == "token-1"
    assert "token-1" not in repr(secrets)


def test_a_secret_that_cannot_be_sent_is_refused_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETTENWERK_KOBO_TOKEN", "to\nken")
    with pytest.raises(SettingsError, match="KETTENWERK_KOBO_TOKEN") as error:
        secrets_of("kobo", ["token"], tmp_path)
    assert "ken" not in error.value.message.replace("KETTENWERK_KOBO_TOKEN", "").replace("token", "")


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("kobo: {token: a}")
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="others may read"):
        secrets_of("kobo", ["token"], tmp_path)
