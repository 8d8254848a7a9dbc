"""KoboToolbox as it behaves: an asset that says how many submissions it has, pages of at most 1,000, a token.

Beside it a form of five questions and the files by which a region asks it as a wave of its survey.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.replay.server import Reply, Request
from warehouse.region import Region

UID = "aProbe4711umfrage0815"
WAVE_ID = "2028"
WAVE = """
  - wave_id: "2028"
    field_start: 2027-02-01
    kobo_asset: aProbe4711umfrage0815
    kobo_codebook: survey/kobo_2028.csv
    kobo_codes: survey/kobo_codes_2028.csv
"""
CODEBOOK = """source_column,question_concept_id,item_code,answer_type,unit_code,code_list,low,high,class_code
LNAME,LEGAL_NAME,,text,,,,,identity
PLZ,SITE_POSTCODE,,text,,,,,identity
HEADC,HEADCOUNT,,integer,persons,,0,20000,closed
WZ,MAIN_WZ,,text,WZ2008,,,,closed
WAYS,PROC,,multi,,PROC,,,closed
CNAME,CONTACT_NAME,,text,,,,,contact
CONSTORE,CONS_STORE,,flag,,JANEIN,,,consent
CONSBENCH,CONS_ADVISER,,flag,,JANEIN,,,consent
TURN,IGNORED,,text,,,,,meta
hinweis,IGNORED,,text,,,,,meta
"""
CODES = """code_list,answer_code,value_code,label_de,low,high
JANEIN,ja,yes,Ja,,
JANEIN,nein,no,Nein,,
PROC,strasse,turning,Drehen,,
PROC,bahn,milling,Fräsen,,
"""


def asked_by(region: Region, folder: Path) -> None:
    """Add the wave and its form to a copy of a region."""
    survey = folder / "survey"
    survey.mkdir(exist_ok=True)
    waves = region.file("survey/waves.yml").read_text(encoding="utf-8")
    (survey / "waves.yml").write_text(waves.rstrip() + WAVE, encoding="utf-8")
    (survey / "kobo_2028.csv").write_text(CODEBOOK, encoding="utf-8")
    (survey / "kobo_codes_2028.csv").write_text(CODES, encoding="utf-8")


def submission(number: int, **answers: Any) -> dict[str, Any]:
    """A submission nobody sent, with Kobo's own keys around the answers."""
    return {
        "_id": number, "formhub/uuid": "f" * 32, "__version__": "vProbe1", "meta/instanceID": f"uuid:{number:032d}",
        "_uuid": f"{number:032d}", "_submission_time": f"2026-03-{1 + number % 28:02d}T10:00:00", "_status": "submitted_via_web",
        "_submitted_by": "erhebung", "_geolocation": [51.3, 7.6], "_attachments": [], "_validation_status": {},
        "start": "2026-03-01T09:00:00.000+01:00", "firma/LNAME": f"Probe {number} Märkische Drähte GmbH (erfunden)",
        "firma/HEADC": str(10 + number), "WAYS": "strasse bahn", "kontakt/CNAME": f"Lieschen Probe-{number} (erfunden)",
        "einwilligung/CONSTORE": "ja", "einwilligung/CONSBENCH": "nein", "TURN": "b2", "hinweis": "Vielen Dank",
    } | answers  # fmt: skip


@dataclass
class Kobo:
    """The service. ``most`` caps a page whatever is asked for; ``repeats``/``shrinks`` so many walks at page two.

    ``counted`` is what the asset says where its counter has come apart from the data; ``knows_fields`` whether a page
    can be asked for some fields only.
    """

    token: str = "0123456789abcdef0123456789abcdef01234567"
    prefix: str = "/api/v2"
    submissions: list[dict[str, Any]] = field(default_factory=list)
    version: str = "vProbe1"
    most: int = 1000
    repeats: int = 0
    shrinks: int = 0
    elsewhere: str = "https://elsewhere.invalid"
    asset: bytes | None = None
    page: bytes | None = None
    counted: int | None = None
    knows_fields: bool = True

    def edit(self, number: int, **answers: Any) -> None:
        """An edit as Kobo makes it: the submission gets another instance id, its number and time stay."""
        entry = next(s for s in self.submissions if s["_id"] == number)
        entry |= answers | {"_uuid": f"edited{number:026d}", "meta/instanceID": f"uuid:edited{number:026d}"}

    def delete(self, number: int) -> None:
        """Let a submission be deleted."""
        self.submissions = [s for s in self.submissions if s["_id"] != number]

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Token {self.token}":
            return Reply(b'{"detail":"Invalid token."}', 401)
        if UID not in request.path:
            return Reply(b'{"detail":"Not found."}', 404)
        if not request.path.endswith("/data/"):
            count = len(self.submissions) if self.counted is None else self.counted
            facts = {"uid": UID, "version_id": self.version, "deployment__submission_count": count}
            return Reply(json.dumps(facts).encode() if self.asset is None else self.asset)
        if self.page is not None:
            return Reply(self.page)
        assert json.loads(request.query["sort"]) == {"_id": 1}
        start, size = int(request.query["start"]), min(int(request.query["limit"]), self.most)
        count, entries = len(self.submissions), sorted(self.submissions, key=lambda s: s["_id"])
        place = start
        if start and self.repeats:
            self.repeats, place = self.repeats - 1, 0
        if start and self.shrinks:
            self.shrinks, count = self.shrinks - 1, count - 1
        if "fields" in request.query and self.knows_fields:
            fields = json.loads(request.query["fields"])
            entries = [{name: entry[name] for name in fields if name in entry} for entry in entries]
        more = f"{self.elsewhere}{request.path}?start={start + size}" if start + size < count else None
        return Reply(
            json.dumps(
                {"count": count, "next": more, "previous": None, "results": entries[place : place + size]}
            ).encode()
        )
