"""Our side of the linkage benchmark: as the vault does it, and nothing imported that it does not need, like Splink's side.

``python -m tests.benchmarks.linkage_side ours|more WORK``: ``ours`` reads ``register.parquet`` and ``answers.parquet``,
prepares the register, keeps it, links, and writes ``ours.parquet`` (the best candidate of every answer) and the model;
``more`` links a few more answers to the register as it was kept.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import polars as pl
import yaml

from warehouse.methods.linkage import Linkage, LinkageModel, LinkageSettings, PreparedRegister, link

SETTINGS = Path(__file__).parents[2] / "warehouse" / "regions" / "default" / "linkage.yml"
FEW = 200


def ours(work: Path, settings: LinkageSettings) -> Linkage:
    """Prepare, keep, link; the best candidate of every answer."""
    from warehouse.paths import remove_tree
    from warehouse.privacy.prepared import prepared_in

    remove_tree(work / "kept")
    prepared = prepared_in(work / "kept", pl.scan_parquet(work / "register.parquet"), settings)
    found = link(pl.read_parquet(work / "answers.parquet"), prepared, settings)
    found.model.frame().write_parquet(work / "model.parquet")
    best = found.pairs.filter(pl.col("rank") == 1).select("record_id", "candidate_id", "probability", "zone")
    best.write_parquet(work / "ours.parquet")
    return found


def more(work: Path, settings: LinkageSettings) -> Linkage:
    """Link a few more answers to the register as it was kept, with the model as it was learnt."""
    from warehouse.mapped import taken_up
    from warehouse.methods.linkage.register import FRAMES

    prepared = PreparedRegister.from_frames(taken_up(work / "kept", FRAMES), settings)
    model = LinkageModel.from_frame(pl.read_parquet(work / "model.parquet"))
    return link(pl.read_parquet(work / "answers.parquet").tail(FEW), prepared, settings, model=model)


def spent() -> float:
    """CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(side: str, work: Path) -> None:
    before = spent()
    settings = LinkageSettings.from_mapping(yaml.safe_load(SETTINGS.read_text(encoding="utf-8")))
    found = (ours if side == "ours" else more)(work, settings)
    print(json.dumps({"pairs": found.compared, "cpu": spent() - before}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
