"""The profile's key: made once, kept beside the lineages and readable by its owner only.

The file holds the key in force on its first line. While the key is changed (``rotation``) a second line holds ``next`` or
``old`` and another one: both open what was encrypted, only the first encrypts, signs and hashes.

Belongs here: one secret and the keys derived from it per purpose. Does not belong here: what is encrypted or signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from warehouse.errors import SettingsError
from warehouse.paths import Lineage, sync_folder, write_text_atomically

KEY_BYTES = 32
CURRENT, NEXT, OLD = "current", "next", "old"


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
    return read_keys(lineage)[0][1]


def read_keys(lineage: Lineage) -> list[tuple[str, bytes]]:
    """Every key of the profile's file with its role (``current``, then ``next`` or ``old`` while the key is changed)."""
    path = lineage.key_file
    try:
        lines = path.read_text().strip().splitlines()
        words = [(CURRENT, lines[0].strip()), *(tuple(line.split(" ", 1)) for line in lines[1:])]
        keys = [(role, bytes.fromhex(digits)) for role, digits in words]
    except (ValueError, OSError, IndexError) as error:
        raise SettingsError("the key file cannot be read", where=str(path), expected="64 hexadecimal digits") from error
    for role, key in keys:
        if len(key) != KEY_BYTES or role not in (CURRENT, NEXT, OLD):
            raise SettingsError(f"the {role} key has {len(key)} bytes", where=str(path), expected=f"{KEY_BYTES} bytes")
    return keys


def write_keys(lineage: Lineage, keys: list[tuple[str, bytes]]) -> None:
    """Replace the profile's keys, whole or not at all."""
    lines = [key.hex() if role == CURRENT else f"{role} {key.hex()}" for role, key in keys]
    write_text_atomically(lineage.key_file, "\n".join(lines) + "\n", 0o600)


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
    return _derived(master_key(lineage), purpose)


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def cipher(lineage: Lineage) -> MultiFernet:
    """Authenticated encryption of what the vault keeps: by the key in force; opening by any that the file holds."""
    master_key(lineage)
    keys = [_derived(key, "vault") for _, key in read_keys(lineage)]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def signature(lineage: Lineage, text: str) -> str:
    """Signature of a certificate, so that a hand-written one is refused."""
    return _signed(master_key(lineage), text)


def is_signed(lineage: Lineage, text: str, given: str) -> bool:
    """Whether a signature is this profile's, by any key that the file holds."""
    master_key(lineage)  # refuses where the key is lost
    made = [_signed(key, text) for _, key in read_keys(lineage)]
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in made)


def _signed(key: bytes, text: str) -> str:
    return hmac.new(_derived(key, "certificate"), text.encode(), hashlib.sha256).hexdigest()


def lookup(lineage: Lineage, key_type: str, value: str) -> str:
    """Keyed hash by which the vault finds an identity; the plain value is never stored."""
    return lookup_by(master_key(lineage), key_type, value)


def lookup_by(key: bytes, key_type: str, value: str) -> str:
    """The same by a given key."""
    return hmac.new(_derived(key, "identity"), f"{key_type}\x1f{value}".encode(), hashlib.sha256).hexdigest()
