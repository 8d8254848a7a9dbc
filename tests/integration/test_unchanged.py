"""Nothing new: the served release stays, byte for byte; one new delivery and it is built again."""

from __future__ import annotations

import json
import signal

import pytest

from tests.integration.conftest import Works
from tests.integration.test_gate import _rows_of_survey


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


@pytest.mark.long
def test_a_withdrawal_is_news_although_its_file_is_gone(works: Works) -> None:
    """The vault logged a withdrawal, the run was killed, the old file was put back: what is served must not stay."""
    [[company], *_] = works.ask("SELECT company_name FROM marts.dim_company ORDER BY company_name", "advisory")
    consent = works.lineage.inbox / "consent" / "consent_events.csv"
    old = consent.read_text(encoding="utf-8")
    withdrawn = f"CE-9999,2026,{_rows_of_survey(works)[str(company)]},CONS_STORE,0,2026-01,2027-09-01 10:00:00,mail\n"
    consent.write_text(old + withdrawn, encoding="utf-8")
    assert works.drive("--kill-at", "vault.identified").returncode == -signal.SIGKILL
    consent.write_text(old, encoding="utf-8")
    works.call("refresh", "--if-changed", check=True)
    assert not works.ask(f"SELECT 1 FROM marts.dim_company WHERE company_name = '{company}'", "advisory")
