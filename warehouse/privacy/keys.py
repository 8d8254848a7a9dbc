"""The profile's key: made once, kept beside the lineages and readable by its owner only.

Belongs here: one secret and the keys derived from it per purpose. Does not belong here: what is encrypted or signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from warehouse.errors import SettingsError
from warehouse.paths import Lineage, sync_folder

KEY_BYTES = 32


def master_key(lineage: Lineage) -> bytes:
    """The profile's secret, 32 bytes; made on first use, never inside a lineage or the repository."""
    path = lineage.key_file
    if not path.exists():
        _refuse_if_in_use(lineage, path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_hex(KEY_BYTES))
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(partial, path)  # fails where another process was first, so that both use one key
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        sync_folder(path.parent)
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (ValueError, OSError) as error:
        raise SettingsError("the key file cannot be read", where=str(path), expected="64 hexadecimal digits") from error
    if len(key) != KEY_BYTES:
        raise SettingsError(f"the key has {len(key)} bytes", where=str(path), expected=f"{KEY_BYTES} bytes")
    return key


def _refuse_if_in_use(lineage: Lineage, path: Path) -> None:
    """A new key would make the vault unreadable, give every company a new id and disown every certificate."""
    released = any(p.is_dir() and not p.name.startswith(".") for p in lineage.releases.glob("*"))
    if released or (lineage.vault / "vault.sqlite").exists():
        raise SettingsError(
            "the key of this profile is missing although vault or releases exist",
            where=str(path),
            expected="the key the profile was made with",
            todo="restore the key from your copy, or set KETTENWERK_KEY_FILE to where it lies",
        )


def derived(lineage: Lineage, purpose: str) -> bytes:
    """A key for one purpose; knowing it tells nothing of the others."""
    return hmac.new(master_key(lineage), purpose.encode(), hashlib.sha256).digest()


def cipher(lineage: Lineage) -> Fernet:
    """Authenticated encryption of what the vault keeps."""
    return Fernet(base64.urlsafe_b64encode(derived(lineage, "vault")))


def signature(lineage: Lineage, text: str) -> str:
    """Signature of a certificate, so that a hand-written one is refused."""
    return hmac.new(derived(lineage, "certificate"), text.encode(), hashlib.sha256).hexdigest()


def lookup(lineage: Lineage, key_type: str, value: str) -> str:
    """Keyed hash by which the vault finds an identity; the plain value is never stored."""
    return hmac.new(derived(lineage, "identity"), f"{key_type}\x1f{value}".encode(), hashlib.sha256).hexdigest()
