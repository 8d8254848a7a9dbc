"""The region's dictionary for free text, read into a coder.

Belongs here: reading ``regions/<region>/text/``. Does not belong here: the method (``warehouse/methods/text_coding``).
"""

from __future__ import annotations

from warehouse.methods.text_coding import Coder, Dictionary
from warehouse.region import Region


def coder_of(region: Region) -> Coder:
    """A coder with the region's aliases, words, forms, labels and limits, and the names of its competences."""
    labels = region.rows("text/labels.csv")
    competences = [
        {
            "classification_code": "COMPETENCE", "edition": "region", "code": row["competence_id"],
            "label_de": row["competence_name_de"],
        }
        for row in region.rows("competences.csv")
        if row["competence_group_code"] == "process"
    ]  # fmt: skip
    dictionary = Dictionary.build(
        region.rows("text/aliases.csv"),
        region.rows("text/words.csv"),
        region.rows("text/forms.csv"),
        region.rows("text/materials.csv"),
        [*labels, *competences],
    )
    return Coder(dictionary, region.yaml("text/scoring.yml"))
