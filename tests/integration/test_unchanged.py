"""Nothing new: the served release stays, byte for byte; one new delivery and it is built again."""

from __future__ import annotations

import json

import pytest

from tests.integration.conftest import Works


@pytest.mark.long
def test_only_what_is_new_is_built(works: Works) -> None:
    before = works.served_bytes()
    said = works.call("refresh", "--if-changed", check=True).stdout
    assert said.startswith("Nothing new:")
    assert works.served_bytes() == before
    assert json.loads(works.call("status", "--json", check=True).stdout)["last_run"]["outcome"] == "unchanged"
    consent = works.lineage.inbox / "consent" / "consent_events.csv"
    header, first, *others = consent.read_text(encoding="utf-8").splitlines(keepends=True)
    consent.write_text("".join([header, *others, first]), encoding="utf-8")
    works.call("refresh", "--if-changed", check=True)
    assert works.served_bytes()["current"] != before["current"]
