"""Another key: the vault opens, releases prove themselves, the old key is of no use, and no company has another id."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from tests.integration.conftest import ROOT, Works
from warehouse.certificate import prove
from warehouse.errors import RefusedError
from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher, read_keys
from warehouse.privacy.vault import Vault

IDENTIFY = """
import sys
from warehouse import settings
from warehouse.lake import read_system_table
from warehouse.paths import Lineage
from warehouse.privacy.identity import identify
from warehouse.region import Region
chosen = settings.load("sample")
lineage = Lineage.of(chosen)
identify(lineage, Region.load(chosen.region), read_system_table(lineage.lake, "meta", "snapshot"), True)
"""
KILLED = """
import os, signal, sys
from orchestration.cli import main
from warehouse.steps import listening
wanted = sys.argv[1]
def listener(step):
    if step.name == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
with listening(listener):
    sys.argv[1:] = ["key", "rotate"]
    main()
"""


def ids(works: Works) -> dict[tuple[str, str], str]:
    """Company of every record, found anew by the key in force."""
    subprocess.run([sys.executable, "-c", IDENTIFY], env=works.environment, cwd=ROOT, check=True, timeout=120)
    from warehouse.lake import read_system_table

    rows = read_system_table(works.lineage.lake, "identity", "company_key")
    return {
        (source, record): company
        for source, record, company in rows.select("source_id", "record_id", "company_id").iter_rows()
    }


def opened(lineage: Lineage) -> tuple[int, list[int]]:
    """How many contacts and which deliveries the profile's key opens."""
    sizes = [len(Vault(lineage).read_delivery(p.stem)) for p in sorted((lineage.vault / "deliveries").glob("*.enc"))]
    return len(Vault(lineage).contacts()), sizes


@pytest.mark.parametrize("stopped_at", [None, "next_key", "rehashed", "new_key"])
def test_a_new_key_changes_no_id(works: Works, stopped_at: str | None) -> None:
    before, content, key = ids(works), opened(works.lineage), read_keys(works.lineage)
    if stopped_at:
        command = [sys.executable, "-c", KILLED, stopped_at]
        assert subprocess.run(command, env=works.environment, cwd=ROOT, timeout=120).returncode == -9
        assert (ids(works), opened(works.lineage)) == (before, content), "half way everything still opens"
    published = list((works.lineage.vault / "published").glob("*.enc"))
    done = works.call("key", "rotate", check=True)
    assert published and f"New key in force: {len(content[1]) + len(published)} files, 1 certificates" in done.stdout
    [(_, new)] = read_keys(works.lineage)
    assert new != key[0][1] and works.lineage.key_file.stat().st_mode & 0o077 == 0
    assert (ids(works), opened(works.lineage)) == (before, content)
    prove(works.lineage, works.lineage.current.resolve())
    _old_key_is_of_no_use(works, key[0][1])


def _old_key_is_of_no_use(works: Works, old: bytes) -> None:
    elsewhere = works.home.parent / "old.key"
    elsewhere.write_text(old.hex())
    stranger = Lineage(works.home, "sample", elsewhere)
    [sample, *_] = (works.lineage.vault / "deliveries").glob("*.enc")
    with pytest.raises(InvalidToken):
        cipher(stranger).decrypt(sample.read_bytes())
    with pytest.raises(InvalidToken):
        Vault(stranger).contacts()
    with pytest.raises(RefusedError, match="signature is wrong"):
        prove(stranger, works.lineage.current.resolve())


def test_a_forged_certificate_stays_forged(works: Works) -> None:
    """What bears no signature of ours is not signed by the way."""
    path: Path = works.lineage.current.resolve() / "certificate.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"rule_count": ', '"rule_count": 1'))
    works.call("key", "rotate", check=True)
    assert os.access(path, os.R_OK)
    with pytest.raises(RefusedError, match="signature is wrong"):
        prove(works.lineage, works.lineage.current.resolve())
