"""Confidential files that have to lie outside the vault: encrypted with the profile's key, under ``<name>.sealed``.

Belongs here: closing and opening such files. Does not belong here: which files are confidential (the contracts say so)
or the vault's own (``vault``).
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import InvalidToken

from warehouse.errors import SettingsError
from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher

SUFFIX = ".sealed"
OWNER_FILE = 0o600


def sealed_path(path: Path) -> Path:
    """Where the sealed form of a file lies."""
    return path.with_name(path.name + SUFFIX)


def plain_name(path: Path) -> str:
    """Name of a file as it was before it was sealed."""
    return path.name.removesuffix(SUFFIX)


def closed(lineage: Lineage, content: bytes) -> bytes:
    """``content``, encrypted and authenticated (Fernet)."""
    return cipher(lineage).encrypt(content)


def read(lineage: Lineage, path: Path) -> bytes:
    """What a sealed file holds.

    Raises:
        SettingsError: the key is another one, or the file was changed.
    """
    try:
        return cipher(lineage).decrypt(path.read_bytes())
    except InvalidToken:
        raise SettingsError(
            "the file cannot be opened with this profile's key", where=path.name, expected="the key it was sealed with",
            todo="restore the key from your copy, or remove the file so that it is fetched again",
        ) from None  # fmt: skip


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first moment on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "wb") as handle:
        handle.write(content)
