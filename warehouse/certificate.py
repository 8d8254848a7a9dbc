"""The certificate: the only thing that lets a candidate be published, and how it is proved.

Belongs here: its content, its signature, and every check the gate makes with it. Does not belong here: the audit that
earns it (``quality``) or moving the pointer (``publish``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.errors import RefusedError
from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy.keys import is_signed, signature
from warehouse.release import CERTIFICATE, MANIFEST, Manifest, file_sha256

AUDIT_AGAIN = "refresh again; a candidate is audited and published in one run"


@dataclass(frozen=True)
class Certificate:
    """The verdict on one candidate: ``outcome`` is 'passed' or 'failed'."""

    release_id: str
    fingerprint: str
    manifest_sha256: str
    run_id: str
    outcome: str
    audited_at: str
    rule_count: int
    blocked_by: list[str]
    warned_by: list[str]

    def text(self) -> str:
        """What is signed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def write_certificate(lineage: Lineage, folder: Path, certificate: Certificate) -> None:
    """Sign a certificate and put it beside its candidate."""
    signed = {"certificate": asdict(certificate), "signature": signature(lineage, certificate.text())}
    write_text_atomically(folder / CERTIFICATE, json.dumps(signed, ensure_ascii=False, indent=1) + "\n")


def prove(lineage: Lineage, folder: Path) -> Manifest:
    """Prove that a folder is a candidate that passed its audit and is, byte for byte, what was audited.

    Raises:
        RefusedError: with the first reason found.
    """
    where = folder.name
    if folder.is_symlink():
        raise RefusedError("the folder is a symbolic link", where=where, expected="the sealed folder itself")
    manifest = Manifest.read(folder)
    if manifest.profile_code != lineage.profile:
        raise RefusedError(
            f"the release belongs to profile {manifest.profile_code}",
            where=where,
            expected=f"a release of profile {lineage.profile}",
        )
    path = folder / CERTIFICATE
    if not path.is_file():
        raise RefusedError(
            "the candidate was never audited",
            where=where,
            expected=f"a {CERTIFICATE} beside the manifest",
            todo=AUDIT_AGAIN,
        )
    try:
        signed = json.loads(path.read_text(encoding="utf-8"))
        certificate = Certificate(**signed["certificate"])
        given = str(signed["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError("the certificate cannot be read", where=where, todo=AUDIT_AGAIN) from error
    if not is_signed(lineage, certificate.text(), given):
        raise RefusedError(
            "the certificate's signature is wrong: it was changed or written by hand",
            where=where,
            expected="the certificate that the audit signed with this profile's key",
            todo=AUDIT_AGAIN,
        )
    if certificate.outcome != "passed":
        raise RefusedError(
            f"the audit failed: {', '.join(certificate.blocked_by)}",
            where=where,
            expected="an audit without a blocking rule",
            todo="read audit.json beside the candidate, correct the cause and refresh",
        )
    if not certificate.release_id == manifest.release_id == folder.name:
        raise RefusedError(
            f"the certificate is for {certificate.release_id}, the manifest for {manifest.release_id}", where=where,
            expected="one and the same release id", todo=AUDIT_AGAIN,
        )  # fmt: skip
    if certificate.fingerprint != manifest.fingerprint or certificate.manifest_sha256 != file_sha256(folder / MANIFEST):
        raise RefusedError(
            "the manifest is not the one that was audited", where=where, expected=f"fingerprint {certificate.fingerprint}",
            todo=AUDIT_AGAIN,
        )  # fmt: skip
    _compare_files(folder, manifest)
    return manifest


def _compare_files(folder: Path, manifest: Manifest) -> None:
    if not manifest.files:
        raise RefusedError("the manifest lists no files", where=folder.name, todo=AUDIT_AGAIN)
    entries = {str(p.relative_to(folder)): p for p in folder.rglob("*")}
    for name, path in entries.items():
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise RefusedError(f"{name} is a link, not a file", where=folder.name, todo=AUDIT_AGAIN)
    there = {name for name, path in entries.items() if path.is_file()} - {MANIFEST, CERTIFICATE}
    listed = set(manifest.files)
    for name in sorted(listed - there):
        raise RefusedError(f"the file {name} is missing", where=folder.name, todo=AUDIT_AGAIN)
    for name in sorted(there - listed):
        raise RefusedError(f"the file {name} was added after the audit", where=folder.name, todo=AUDIT_AGAIN)
    for name, expected in manifest.files.items():
        if file_sha256(folder / name) != expected:
            raise RefusedError(
                f"the file {name} was altered after the audit", where=folder.name, expected=f"SHA-256 {expected}",
                todo=AUDIT_AGAIN,
            )  # fmt: skip
