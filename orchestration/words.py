"""Words all commands share: the profile, JSON, and an error as one message.

Belongs here: options and what surrounds every command. Does not belong here: any command.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from orchestration import show
from warehouse import settings as settings_module
from warehouse.errors import KettenwerkError


class Profile(StrEnum):
    """A lineage of its own."""

    sample = "sample"
    real = "real"
    live = "live"


ProfileOption = Annotated[
    Profile | None, typer.Option("--profile", help="Lineage to use; KETTENWERK_PROFILE, else sample.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def settings_of(profile: Profile | None) -> settings_module.Settings:
    """Settings of the profile that was named, else of the environment's."""
    return settings_module.load(profile.value if profile else None)


def acting(function: Callable[..., None]) -> Callable[..., None]:
    """Turn an error a user can act on into one message and exit status 1; anything else keeps its traceback."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except KettenwerkError as error:
            show.problem(error.message)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return wrapped
