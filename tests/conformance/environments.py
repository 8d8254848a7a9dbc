"""Environments of peers, made from their locks once and kept: who has the package index once needs it never again."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PEERS = ROOT / "tests" / "benchmarks" / "peers"
UV = Path(sys.executable).parent / "uv"
LIMIT_SECONDS = 600


def peer_python(lock_name: str, kept: Path) -> Path:
    """Python of the environment that ``peers/<lock_name>.lock`` describes, under `kept`; a changed lock is another one."""
    lock = PEERS / f"{lock_name}.lock"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    mark = hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()[:12]
    venv = kept / f"{lock_name}-{mark}"
    python, done = venv / "bin" / "python", venv / "complete"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / f"{lock_name}.making").open("w") as turn:
        # Tests run side by side; the second waits for what the first makes.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not done.exists():
            make = [str(UV), "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)]
            subprocess.run(make, check=True, timeout=LIMIT_SECONDS)
            fill = [str(UV), "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)]
            subprocess.run(fill, check=True, timeout=LIMIT_SECONDS)
            done.touch()
    return python


def run_peer(python: Path, script: str, *words: str) -> str:
    """Run a side script in a peer's environment; its output, or a failure that shows what it said."""
    call = [str(python), str(PEERS / script), *words]
    done = subprocess.run(call, capture_output=True, text=True, timeout=LIMIT_SECONDS, cwd=PEERS)
    assert done.returncode == 0, f"{script} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
