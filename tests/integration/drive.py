"""Run one refresh in this process and stop it in the middle, as a power cut would.

``python -m tests.integration.drive [--profile P] [--kill-at ROOM.STEP[:N]] [--list FILE] [--copy-build FILE]``

``--kill-at`` sends this process SIGKILL at the N-th time that step is announced; ``--list`` writes every announced
step; ``--copy-build`` keeps the build file when sealing starts. It uses the same door as the command.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

from orchestration.refresh import refresh
from warehouse import settings
from warehouse.paths import Lineage
from warehouse.steps import Step


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", default="sample")
    parser.add_argument("--kill-at")
    parser.add_argument("--list", type=Path)
    parser.add_argument("--copy-build", type=Path)
    arguments = parser.parse_args()
    name, _, count = (arguments.kill_at or "").partition(":")
    seen: Counter[str] = Counter()
    chosen = settings.load(arguments.profile)

    def listener(step: Step) -> None:
        key = f"{step.room}.{step.name}"
        seen[key] += 1
        if arguments.list:
            with arguments.list.open("a") as handle:
                handle.write(key + "\n")
        if arguments.copy_build and key == "seal.audience" and seen[key] == 1:
            [built] = Lineage.of(chosen).build.glob("run-*/warehouse.duckdb")
            shutil.copyfile(built, arguments.copy_build)
        if key == name and seen[key] == int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)

    evidence = refresh(chosen, listener)
    print(evidence["outcome"], evidence["error"] or "")
    return 0 if evidence["outcome"] == "published" else 1


if __name__ == "__main__":
    sys.exit(main())
