"""What a source's licence forbids, as the rows it keeps out of an audience's file.

Which rows: the source's contract (``ingest/sources/<source>.yml``), which travels in the lake's ``meta.source`` and the release's manifest.
Whom they are kept from: ``licences`` in ``audiences.yml``. A table says where its rows come from by ``source_id``, or, where
it is computed, by ``snapshot_id``.

Belongs here: bringing the two together as SQL conditions, for the seal that leaves rows out and for the audit that
looks whether any are in. Does not belong here: what is known of one licence, or running the SQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from warehouse.errors import KettenwerkError
from warehouse.files import quoted
from warehouse.privacy.audiences import audience_table

# Facts about the release itself: they name sources and hold nothing of them.
OWN_SCHEMAS = ("meta",)


@dataclass(frozen=True)
class Forbidden:
    """Rows of a source that an audience must not get: ``rows`` is column -> values, all of which hold; none: every row.

    ``with_derived``: tables computed from the source are meant too.
    """

    source_id: str
    code: str
    rows: dict[str, list[str] | list[int]]
    with_derived: bool

    def condition(self, columns: Collection[str], summed: Mapping[str, str] | None = None) -> str | None:
        """SQL that is true for such a row of a table with these columns; None where the table can hold none.

        ``summed``: the table's rows are this source's rows summed, with these columns of the source under other names. A
        column that the table does not have cannot excuse a row: the row is forbidden then.
        """
        # A snapshot is named after its source, and a source's name has no hyphen.
        from_source = f"starts_with(snapshot_id::VARCHAR, {quoted(self.source_id + '-')})"
        if "source_id" in columns:
            parts = [f"source_id::VARCHAR = {quoted(self.source_id)}", *self._named({c: c for c in columns})]
        elif "snapshot_id" in columns and self.with_derived:
            parts = [from_source]
        elif "snapshot_id" in columns and summed is not None:
            parts = [from_source, *self._named(summed)]
        else:
            return None
        return f"coalesce({' AND '.join(parts)}, false)"

    def _named(self, names: Mapping[str, str]) -> list[str]:
        known = {names[column]: values for column, values in self.rows.items() if column in names}
        return [f"{c if isinstance(v[0], int) else c + '::VARCHAR'} IN ({_values(v)})" for c, v in known.items()]


def forbidden(restrictions: Mapping[str, str], audience: str, profile: str) -> list[Forbidden]:
    """Everything an audience must not get, from what each source's licence forbids (JSON).

    Raises:
        KettenwerkError: a restriction has a code that ``audiences.yml`` does not know.
    """
    licences = audience_table().licences
    found = []
    for source_id, text in restrictions.items():
        for restriction in json.loads(text or "[]"):
            code = restriction["code"]
            if code not in licences:
                raise KettenwerkError(
                    f"nobody says whom a licence with '{code}' keeps out", where=f"audiences.yml, source {source_id}",
                    expected=f"one of {', '.join(licences)}", todo="add it to 'licences' in audiences.yml",
                )  # fmt: skip
            if audience in licences[code].kept_from and audience not in licences[code].shown_in.get(profile, []):
                found.append(Forbidden(source_id, code, restriction["rows"], licences[code].with_derived))
    return found


def condition(rules: list[Forbidden], table: tuple[str, str], columns: Collection[str]) -> str | None:
    """SQL that is true for a row of this table that some rule forbids; None where no rule can meet it."""
    if table[0] in OWN_SCHEMAS:
        return None
    summed = audience_table().summed_rows.get(table)
    parts = [part for rule in rules if (part := rule.condition(columns, summed))]
    return " OR ".join(parts) if parts else None


def _values(values: list[str] | list[int]) -> str:
    return ", ".join(str(v) if isinstance(v, int) else quoted(v) for v in values)
