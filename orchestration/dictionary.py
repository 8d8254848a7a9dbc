"""Write the data dictionary from the contracts of the marts and the audience table (``python -m orchestration.dictionary``).

Belongs here: laying out what the YAML of the models already says. Does not belong here: a description of its own.
"""

from __future__ import annotations

import json
from typing import Any

from orchestration.manifest import ensure_manifest
from warehouse.build import PROJECT
from warehouse.privacy.audiences import Share, audience_table

PAGE = PROJECT / "DICTIONARY.md"
HEAD = """\
# Data dictionary

Written by `make docs` from the contracts of the models (`dbt_project/models/marts/**/*.yml`) and the audience table
(`warehouse/privacy/audiences.yml`); never edited by hand. The same words are comments on every table and column of the
published files: `SELECT column_name, comment FROM duckdb_columns()`.

Units are in the names: `_eur`, `_usd`, `_kg`, `_count`, `_pct` (0 to 100), `_share` (0 to 1), `_score` (0 to 100).
An audience that is not named with a table does not have it.
"""


def _models() -> list[dict[str, Any]]:
    manifest = json.loads((PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
    found = [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["fqn"][1] == "marts"]
    return sorted(found, key=lambda n: (n["schema"], n["alias"]))


def _share(column: str, share: Share) -> bool:
    return share.columns == "all" or column in share.columns


def _line(text: str) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def render() -> str:
    """The whole page."""
    shares = audience_table().shares
    parts = [HEAD]
    for model in _models():
        audiences = shares.get((model["schema"], model["alias"]), {})
        parts.append(f"\n## {model['schema']}.{model['alias']}\n")
        parts.append(_line(model["description"]) + "\n")
        who = [f"{a}{' (only rows: ' + s.rows.replace('_', ' ') + ')' if s.rows else ''}" for a, s in audiences.items()]
        parts.append(f"Audiences: {', '.join(who) or 'none'}.\n")
        parts.append("| column | type | meaning | audiences |\n|---|---|---|---|")
        for name, column in model["columns"].items():
            having = [
                a + (f" ({s.transform[name].replace('_', ' ')})" if name in s.transform else "")
                for a, s in audiences.items()
                if _share(name, s)
            ]
            same = len(having) == len(audiences) and not any(name in s.transform for s in audiences.values())
            parts.append(
                f"| `{name}` | {column.get('data_type') or ''} | {_line(column['description'])} | {'all' if same else ', '.join(having) or 'none'} |"
            )
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the page."""
    ensure_manifest()
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
