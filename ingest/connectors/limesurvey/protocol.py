"""LimeSurvey RemoteControl 2 through ``citric``: one survey is one file, whole although only its new rows are asked for.

Reference: LimeSurvey manual, RemoteControl 2 API (``get_session_key``, ``get_survey_properties``, ``export_responses``,
``release_session_key``). Which survey is which wave stands in the endpoint's option ``surveys`` (wave_id, survey_id,
language) or as ``survey_id`` in the region's ``survey/waves.yml``; without any there is nothing to ask for.

A look asks for ids and stamps only; what is new or changed by them is exported and merged into the last file. An edit
that moves no stamp is found by asking for everything: partition ``full``. What came is kept as it came (a name is
never taken out of an answer) and is readable by its owner only.

A survey without responses is a file without rows, so that whoever was deleted at the source is in force here no longer;
earlier deliveries stay in the vault until they are erased there. A survey that is not active cannot be exported, which
is no emptiness: before the wave's ``field_start`` it is left out, from then on it is said at every look, and what was
fetched before stays in force.

Belongs here: which survey, what of it, and the permissions of the file. Does not belong here: rows
(``rows``), sessions (``remote``), what an answer means (``sources/limesurvey``).
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.connectors.limesurvey.remote import Remote
from ingest.connectors.limesurvey.rows import ID, STAMPS, Export, merged, parsed, runs, without_rows
from ingest.errors import FetchError
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, connector
from ingest.fetching.question import asked, is_answer_to
from warehouse.paths import OWNER_ONLY
from warehouse.steps import step

FULL = "full"
NO_ADDRESS = ".invalid"
OWNER_FILE = 0o600


@connector("limesurvey")
class LimeSurvey(Connector):
    """Waves are partitions; ``full`` among what is wanted exports everything anew."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.options = context.options
        self.path = str(self.options.get("path", "index.php/admin/remotecontrol"))
        self.delimiter = str(self.options.get("delimiter", ";"))
        self.region = context.region
        self.today = f"{context.today:%Y-%m-%d}"
        waves = context.region.yaml("survey/waves.yml").get("waves") or []
        self.waves: dict[str, dict[str, Any]] = {str(w["wave_id"]): w for w in waves}
        named = [*waves, *(self.options.get("surveys") or [])]
        self.surveys: dict[str, dict[str, Any]] = {str(w["wave_id"]): w for w in named if w.get("survey_id")}
        self._indices: dict[str, Export] = {}

    def asks(self, wanted: list[str]) -> list[Ask]:
        chosen = [w for w in wanted if w != FULL]
        if unknown := [w for w in chosen if w not in self.surveys]:
            raise self.client.refuse(
                f"wave {unknown[0]}",
                "no survey is named for it",
                f"one of {', '.join(sorted(self.surveys)) or 'none'}, or {FULL}",
                "give the wave its survey_id in survey/waves.yml of the region",
            )
        offered = dict.fromkeys(chosen or sorted(self.surveys))
        if not offered:
            return []
        with self._remote() as remote:
            asks = [self._ask(remote, wave, FULL in wanted, wave in chosen) for wave in offered]
        # A survey that cannot be exported will fail; asked for last, it keeps no other from coming.
        return sorted((ask for ask in asks if ask is not None), key=lambda ask: not ask.params["is_active"])

    def offers(self, partition_key: str) -> bool:
        return partition_key in self.surveys

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        for folder in (to.parents[2], to.parents[1], to.parent):
            folder.chmod(OWNER_ONLY)
        if not ask.params["is_active"]:
            raise self._not_active(ask.title, is_passing=True)
        question = self._question(ask.url, ask.params)
        is_delta = known is not None and not ask.params["is_full"] and is_answer_to(known.cursor, question)
        before = self._last(known.path) if is_delta and known and known.path else None
        with self._remote() as remote:
            changed = self._changed(remote, ask, before) if before else None
            export = changed or self._whole(remote, ask)
        if export is before:
            return Fetched(url=ask.url, is_new=False, cursor=asked(export.state, question))
        to.unlink(missing_ok=True)
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "wb") as handle:
            handle.write(export.content)
        params = dict(ask.params) | {"asked_for": "what is new" if changed else "everything"}
        return Fetched(url=ask.url, params=params, http_status=200, cursor=asked(export.state, question))

    @contextmanager
    def _remote(self) -> Iterator[Remote]:
        """A session that is given back, unless the service does not answer anyway."""
        if self.client.endpoint.base_url.rstrip("/").endswith(NO_ADDRESS):
            raise self.client.refuse(
                "login",
                "the address of the survey service is not set",
                "the address LimeSurvey is reached at",
                "set " + f"KETTENWERK_URL_{self.client.source_id}_{self.client.name}".upper(),
            )
        plugin, empty = (
            str(self.options.get(*o)) for o in (("auth_plugin", "Authdb"), ("empty", "could not get max id"))
        )
        remote = Remote(self.client, self.path, plugin, empty)
        try:
            yield remote
        except FetchError as error:
            if not error.is_passing:
                remote.close()
            raise
        remote.close()

    def _ask(self, remote: Remote, wave: str, is_full: bool, is_wanted: bool) -> Ask | None:
        survey_id, language = str(self.surveys[wave]["survey_id"]), self.surveys[wave].get("language")
        asked_for = f"survey {survey_id} (wave {wave})"
        if not survey_id.isdigit():
            raise self.client.refuse(
                asked_for, "this is no survey id", "digits", "correct survey/waves.yml of the region"
            )
        facts = remote.ask(asked_for, "get_survey_properties", int(survey_id), ["active", "datestamp"])
        if not isinstance(facts, dict) or "active" not in facts:
            raise self.client.refuse(
                asked_for, "its properties do not say whether it is active", "active and datestamp"
            )
        is_active, has_dates = facts["active"] == "Y", facts.get("datestamp") == "Y"
        fields = [ID, *STAMPS] if has_dates else [ID, STAMPS[0]]
        params = {"survey_id": int(survey_id), "language": language, "fields": fields, "is_full": is_full, "is_active": is_active}  # fmt: skip
        url, name = self.client.url(self.path), f"results-survey-{wave}.csv"
        if not is_active:
            if is_wanted:
                raise self._not_active(asked_for)
            if self.today < str(self.waves.get(wave, {}).get("field_start") or ""):
                step("dock", "left", f"{self.client.source_id}: {asked_for} is left out: its field phase has not begun")
                return None
            return Ask(wave, name, url, params, title=asked_for)
        index = self._export(remote, asked_for, params, fields=fields) or self._empty(wave)
        self._indices[wave] = index
        cursor = None if is_full else asked(index.state, self._question(url, params))
        return Ask(wave, name, url, params, cursor=cursor, request_count=3, title=asked_for)

    def _question(self, url: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What decides which responses come, and in which words."""
        completion = self.options.get("completion", "all")
        return {"url": url, "survey_id": params["survey_id"], "language": params["language"], "completion": completion}

    def _not_active(self, asked_for: str, is_passing: bool = False) -> FetchError:
        return self.client.refuse(
            asked_for,
            "the survey is not active, so its responses cannot be exported; what was fetched before stays in force",
            "an active survey (one that has expired still is)",
            "activate it again; or give the wave its field_start if it has not begun; or take its survey_id out of "
            "survey/waves.yml if it is over; if its respondents were deleted, drop an export without them into the inbox",
            is_passing=is_passing,
        )

    def _empty(self, wave: str) -> Export:
        """An export without rows: LimeSurvey gives no headings then, the wave's codebook does."""
        facts = self.waves.get(wave, {})
        if not facts.get("codebook"):
            raise self.client.refuse(
                f"wave {wave}", "it has no codebook", "the wave with its codebook", "add the wave to survey/waves.yml of the region"
            )  # fmt: skip
        columns = [row["source_column"] for row in self.region.rows(facts["codebook"])]
        return without_rows(columns, self.delimiter)

    def _export(
        self,
        remote: Remote,
        asked_for: str,
        params: Any,
        fields: list[str] | None = None,
        span: tuple[int, int] | tuple[None, None] = (None, None),
    ) -> Export | None:
        """A whole export, its columns ``fields`` or its responses in ``span``; None where the survey holds no response."""
        completion = self.options.get("completion", "all")
        which = (params["survey_id"], "csv", params["language"], completion, "code", "short", *span, fields, None)
        result = remote.ask(asked_for, "export_responses", *which)
        if result is None:
            return None
        try:
            if not isinstance(result, str):
                raise ValueError("it is no text")
            return parsed(base64.b64decode(result, validate=True), self.delimiter)
        except binascii.Error:
            problem = "it is not whole Base64"
        except ValueError as error:
            problem = str(error)
        raise self.client.refuse(
            asked_for,
            f"the export cannot be used: {problem}",
            "a CSV with codes as headings",
            "call again; if it stays, export the survey by hand and look at the file",
        )

    def _index(self, remote: Remote, ask: Ask) -> Export:
        """Ids and stamps: those of the look that offered the survey, where this object took it."""
        found = self._indices.get(ask.partition_key)
        found = found or self._export(remote, ask.title, ask.params, fields=list(ask.params["fields"]))
        return found or self._empty(ask.partition_key)

    def _whole(self, remote: Remote, ask: Ask) -> Export:
        due = set(self._index(remote, ask).stamps)
        export = self._export(remote, ask.title, ask.params) or self._empty(ask.partition_key)
        if missing := due - set(export.rows):
            raise self.client.refuse(
                ask.title,
                f"{len(due) - len(missing)} of {len(due)} listed responses came",
                "all of them",
                "call again: a response may just have been deleted, or the answer was cut",
            )
        return export

    def _changed(self, remote: Remote, ask: Ask, before: Export) -> Export | None:
        """``before`` brought up to date; itself where nothing changed; None where only a whole export will do."""
        index = self._index(remote, ask)
        present = set(index.stamps)
        changed = {i for i in present if before.stamps.get(i) != index.stamps[i]}
        if not changed:
            return before if present == set(before.stamps) else merged(before, [], present)
        spans = runs(changed, present, int(self.options.get("max_ranges", 4)))
        parts = [self._export(remote, ask.title, ask.params, span=span) for span in spans]
        if any(part is None or part.header != before.header for part in parts):
            return None  # questions were added, or the rows have gone in between
        export = merged(before, [part for part in parts if part], present)
        return export if present <= set(export.rows) else None

    def _last(self, path: Path) -> Export | None:
        """The last file; None where it is not whole, so that everything is asked for."""
        try:
            return parsed(path.read_bytes(), self.delimiter)
        except (OSError, ValueError):
            return None
