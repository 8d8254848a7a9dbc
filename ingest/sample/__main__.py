"""Generate the sample by hand: python -m ingest.sample --inbox DIR.

Belongs here: the command line. Does not belong here: anything else.
"""

import argparse
from pathlib import Path

from ingest.sample.generate import generate
from warehouse.region import Region


def main() -> None:
    """Read the arguments, generate, say what was written."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest.sample", description="Write the invented sample of a region into an inbox."
    )
    parser.add_argument("--inbox", type=Path, required=True, help="folder to write into")
    parser.add_argument("--region", required=True, help="name of a region below warehouse/regions, or a region folder")
    parser.add_argument("--seed", type=int, default=2026, help="another seed gives other invented numbers")
    options = parser.parse_args()
    manifest = generate(options.inbox, Region.load(options.region), options.seed)
    for file in manifest.files:
        print(f"{file.row_count:>8} rows  {file.byte_count:>10} bytes  {file.path}")
    print(f"planted truths: {manifest.truths_path}")


if __name__ == "__main__":
    main()
