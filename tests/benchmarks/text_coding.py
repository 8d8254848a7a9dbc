"""Codes for free text on the gold set: how many are right, how many are found, how many a person has to look at.

``python -m tests.benchmarks.text_coding`` prints the table and writes it to ``tests/benchmarks/TEXT_CODING.md``; beside
the method stands a plain one: the most similar official label by rapidfuzz, automatic from the same limit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from tests import gold
from warehouse.methods.text_coding import Coder, Coding, Context
from warehouse.region import Region
from warehouse.text_dictionary import coder_of

PAGE = Path(__file__).parent / "TEXT_CODING.md"
CLASSES = ("product", "service", "occupation", "homonym", "multi", "nonsense")
BANDS = ((0.85, 0.9), (0.9, 0.95), (0.95, 1.01))
FOREWORD = """# Free text to codes: what the method reaches on the gold set

Written by `python -m tests.benchmarks.text_coding`. The gold set (`warehouse/regions/default/text/gold.csv`, {total} German
texts) was written and committed before the dictionary, and split by a hash of the text. No alias is a text of part *test*
unless an official label has the word too (`tests/contract/test_text_gold.py`); aliases that were had to go, which costs
recall there. Be sceptical all the same: one author wrote texts and dictionary within an hour and knew the trade
words of both, and no real answer is among the texts. Part *test* is therefore nearer to unseen than *develop*, not unseen.

Precision: right automatic codes of all automatic codes. Recall: codable things that got a right code automatically, a
product by its HS code. Review: texts in which at least one thing waits for a reviewer.
"""


def plain(coder: Coder, scorer: Callable[..., float]) -> gold.Code:
    """The nearest official label alone: no aliases, no splitting, no context."""
    names, limits = coder.dictionary.names, coder.scoring["limits"]

    def code(text: str, context: Context) -> list[Coding]:
        wanted = coder.scoring["questions"].get(context.question, ())
        labels = {key: name for key, name in names.items() if key[0] in wanted}
        found = process.extractOne(text, labels, scorer=scorer, processor=utils.default_process)
        if not found:
            return []
        _, score, (classification, value) = found
        score /= 100
        status = next((s for s, low in limits.items() if score >= low), "uncoded")
        return [Coding(1, text, classification, value, "plain", score, status)]

    return code


def _line(name: str, part: str, tally: gold.Tally) -> str:
    def share(value: float) -> str:
        return "-" if value != value else f"{value:.3f}"

    return (
        f"| {name} | {part} | {tally.texts} | {tally.codes} | {share(tally.precision)} | {share(tally.recall)} |"
        f" {share(tally.review_share)} | {tally.uncoded} |"
    )


def _bands(coder: Coder) -> list[str]:
    lines = ["", "| score | part | automatic codes | right |", "|---|---|---|---|"]
    for part in ("develop", "test"):
        judged = [
            (c.score, gold.is_right(row, c))
            for row in gold.rows(part)
            for c in coder.code(row["text"], Context(row["question_concept_id"], row["wz2008_code"]))
            if c.status == "automatic"
        ]
        for low, high in BANDS:
            inside = [right for score, right in judged if low <= score < high]
            right = f"{sum(inside) / len(inside):.3f}" if inside else "-"
            lines.append(f"| {low:.2f} to {min(high, 1.0):.2f} | {part} | {len(inside)} | {right} |")
    return lines


def page() -> str:
    """The page as Markdown."""
    coder = coder_of(Region.load("maerkische_region"))
    sides = {"method": coder.code}
    sides |= {f"labels alone, {s.__name__}": plain(coder, s) for s in (fuzz.ratio, fuzz.token_set_ratio, fuzz.WRatio)}
    lines = [
        "| side or class | part | texts | automatic codes | precision | recall | review | uncoded |",
        "|" + "---|" * 8,
    ]
    for name, code in sides.items():
        lines += [_line(name, part, gold.judge(code, gold.rows(part))[0]) for part in ("develop", "test")]
    for kind in CLASSES:
        for part in ("develop", "test"):
            chosen = [row for row in gold.rows(part) if row["class"] == kind]
            lines.append(_line(kind, part, gold.judge(coder.code, chosen)[0]))
    return "\n".join([FOREWORD.format(total=len(gold.rows())), *lines, *_bands(coder), ""])


def main() -> None:
    """Print the page and write it."""
    text = page()
    print(text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
