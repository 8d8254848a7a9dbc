"""The published files open read-only in the DuckDB of BI drivers, in ours and in the newest, each in its own environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import Works

UV = Path(sys.executable).parent / "uv"
QUESTION = """
import duckdb, json, sys
out = {"version": duckdb.__version__}
for audience in ("bi", "analyst", "advisory"):
    c = duckdb.connect()
    c.execute(f"ATTACH '{sys.argv[1]}/{audience}.duckdb' AS release (READ_ONLY)")
    c.execute("USE release")
    tables = c.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'release'").fetchall()
    rows = {}
    for s, t in tables:
        rows[f"{s}.{t}"] = c.execute(f"SELECT count(*) FROM (SELECT * FROM {s}.{t})").fetchone()[0]
        c.execute(f"SELECT * FROM {s}.{t} LIMIT 5").fetchall()
    out[audience] = rows
    try:
        c.execute("CREATE TABLE marts.forbidden AS SELECT 1")
        out["written"] = True
    except duckdb.Error:
        pass
print(json.dumps(out))
"""


@pytest.mark.versions
@pytest.mark.parametrize("wanted", ["duckdb==1.4.*", "duckdb==1.5.*", "duckdb"])
def test_published_files_open(published: Works, tmp_path: Path, wanted: str) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(
        [str(UV), "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], check=True, timeout=120
    )
    subprocess.run([str(UV), "pip", "install", "--quiet", "--python", str(python), wanted], check=True, timeout=300)
    done = subprocess.run(
        [str(python), "-c", QUESTION, str(published.lineage.current.resolve())],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "written" not in answer
    assert answer["bi"]["bi.bi_dependency"] > 0
    assert answer["analyst"]["marts.fct_trade_flow"] > 100_000
    assert answer["advisory"]["marts.dim_company"] > 0
    print(answer["version"])
