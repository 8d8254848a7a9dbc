"""One call that invents a region's inbox.

Belongs here: the order of the parts and the manifest. Does not belong here: any content.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.sample.baci import write_baci, write_nomenclature
from ingest.sample.cast import Cast, choose_cast
from ingest.sample.comext import write_comext
from ingest.sample.companies import Company, invent_companies
from ingest.sample.consent import ConsentEvent, consent_events, consents, write_consent_events
from ingest.sample.dirt import PULSE, SECOND_WAVE, soiled, with_repeats
from ingest.sample.employment import invent_employment
from ingest.sample.exports import write_code_export, write_label_export, write_packed_export
from ingest.sample.questionnaire import load_questionnaire
from ingest.sample.region import places
from ingest.sample.registers import invent_leis, write_gleif, write_offeneregister
from ingest.sample.statistics import write_statistics
from ingest.sample.suppliers import CLUSTER_SHARE_BAND, CLUSTER_SWITCH_TIME, supplier_rows
from ingest.sample.survey import Delivery, invent_delivery
from ingest.sample.trade import trade_flows
from ingest.sample.truths import (
    DEPENDENCY_PLANS,
    PULSE_ID,
    SECOND_WAVE_ID,
    WAVE_ID,
    ClusterTruth,
    CompanyRef,
    DirtTruth,
    DuplicateTruth,
    FitTruth,
    SampleTruths,
    SecretCellTruth,
    WithdrawnConsent,
)  # fmt: skip
from ingest.sample.waves import PULSE_COUNT, SECOND_COUNT, invent_pulse, invent_second_wave, returning
from ingest.sample.writer import InboxWriter, SampleFile
from ingest.survey.book import waves
from warehouse.region import Region
from warehouse.steps import step

TRUTHS_FILE = "sample_truths.json"


@dataclass(frozen=True)
class SampleManifest:
    """What was generated: the files below the inbox and the answers planted in them."""

    seed: int
    region_code: str
    inbox: Path
    files: tuple[SampleFile, ...]
    truths_path: Path
    truths: SampleTruths


def generate(inbox: Path, region: Region, seed: int = 2026) -> SampleManifest:
    """Write the sample of a region into the inbox. The same region and seed give the same bytes.

    The names of the files do not depend on the region, so a second call replaces the first one's files and leaves none behind.
    """
    writer = InboxWriter(inbox)
    seats = places(region)
    companies = invent_companies(seats, seed)
    cast = choose_cast(companies, seed)
    leis = invent_leis(companies, seed)
    delivery, withdrawn, dirt = _write_survey_side(writer, region, companies, cast, leis, seed)
    write_offeneregister(writer, region, companies, seats, seed)
    write_gleif(writer, companies, leis)
    flows = trade_flows(seed)
    write_baci(writer, flows)
    write_nomenclature(writer)
    write_comext(writer, flows, seed)
    secret = write_statistics(writer, invent_employment(region, seed), seed)
    truths = _truths(cast, delivery, withdrawn, secret, dirt)
    path = inbox.parent / TRUTHS_FILE
    written = {file.path: file.sha256 for file in writer.files}
    origin = _origin(region, seed)
    document = {"seed": seed, "region_code": region.region_code, "origin": origin, "files": written, **asdict(truths)}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return SampleManifest(seed, region.region_code, inbox, tuple(writer.files), path, truths)


def ensure(inbox: Path, region: Region, seed: int = 2026) -> bool:
    """Bring the sample in the inbox up to date; says whether it wrote. A file somebody changed or removed stays as it is.

    The truths beside the inbox remember what was written, and from which region folder and generator. Only when one of these changed
    is the sample written again, and then over files that are still as the sample left them.
    """
    remembered = _remembered(inbox)
    origin = _origin(region, seed)
    if remembered.get("origin") == origin:
        return False
    before: dict[str, str] = remembered.get("files", {})
    with tempfile.TemporaryDirectory(prefix="sample-") as scratch:
        manifest = generate(Path(scratch) / "inbox", region, seed)
        for file in manifest.files:
            target = inbox / file.path
            now = hashlib.sha256(target.read_bytes()).hexdigest() if target.exists() else None
            if now != before.get(file.path):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(manifest.inbox / file.path, target)
        shutil.copyfile(manifest.truths_path, inbox.parent / TRUTHS_FILE)
    step("dock", "sample", f"sample region written: {len(manifest.files)} files, every company and figure invented")
    return True


def _remembered(inbox: Path) -> dict[str, Any]:
    """What the last call wrote; nothing where the inbox is empty, so that a cleared inbox is filled again."""
    path = inbox.parent / TRUTHS_FILE
    if not path.is_file() or not any(p.is_file() for p in inbox.rglob("*")):
        return {}
    return json.loads(path.read_text("utf-8"))


def _origin(region: Region, seed: int) -> str:
    """Fingerprint of everything the sample is made from: the generator, the region's facts, the questionnaire, the seed."""
    names = ("region.yml", "municipalities.csv", "postcodes.csv", "courts.csv", "districts.csv")
    parts = sorted(p for p in Path(__file__).parent.iterdir() if p.suffix in (".py", ".csv"))
    parts += [region.folder / name for name in names if (region.folder / name).is_file()]
    listed = [str(wave[part]) for wave in waves(region).values() for part in ("codebook", "codes") if wave.get(part)]
    parts += [region.file(name) for name in ("survey/waves.yml", *listed)]
    digest = hashlib.sha256(str(seed).encode())
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def _write_survey_side(
    writer: InboxWriter,
    region: Region,
    companies: list[Company],
    cast: Cast,
    leis: dict[int, str],
    seed: int,
) -> tuple[Delivery, tuple[WithdrawnConsent, ...], tuple[DirtTruth, ...]]:
    """Answers of every wave and consent events; returns the first delivery, the two planted withdrawals and the planted dirt."""
    given = consents(companies, cast, seed)
    suppliers = supplier_rows(companies, cast, given, seed)
    delivery = invent_delivery(companies, cast, given, suppliers, leis, seed)
    write_code_export(writer, load_questionnaire(region, WAVE_ID), delivery.responses)
    events = consent_events(companies, cast, given, delivery.response_ids)
    told = {number for number, response in delivery.response_ids.items() if response in {e.response_id for e in events}}
    later, dirt = _write_later_waves(writer, region, companies, cast, given, delivery, told, seed)
    write_consent_events(writer, events + later)
    withdrawn: list[WithdrawnConsent] = []
    for company in (cast.withdrawn_store, cast.withdrawn_adviser):
        event = next(e for e in events if e.response_id == delivery.response_ids[company.number] and not e.is_granted)
        withdrawn.append(WithdrawnConsent(_ref(company, event.response_id), event.purpose_code, event.occurred_at))
    return delivery, tuple(withdrawn), dirt


def _write_later_waves(
    writer: InboxWriter, region: Region, companies: list[Company], cast: Cast, given: dict[int, dict[str, bool]],
    first: Delivery, told: set[int], seed: int,
) -> tuple[list[ConsentEvent], tuple[DirtTruth, ...]]:  # fmt: skip
    """The pulse and the second wave, where the region lists them; a consent withdrawn after it, and the planted dirt."""
    known = waves(region)
    stars = cast.starring()
    events: list[ConsentEvent] = []
    dirt: tuple[DirtTruth, ...] = ()
    if (known.get(PULSE_ID) or {}).get("codebook"):
        questionnaire = load_questionnaire(region, PULSE_ID)
        who = returning(companies, cast, given, told, seed, PULSE_ID, PULSE_COUNT)
        responses, found = soiled(
            invent_pulse(questionnaire, first, who, cast, seed), PULSE, questionnaire, region, stars
        )
        write_packed_export(writer, questionnaire, responses)
        dirt += found
    if (known.get(SECOND_WAVE_ID) or {}).get("codebook"):
        questionnaire = load_questionnaire(region, SECOND_WAVE_ID)
        who = returning(companies, cast, given, told, seed, SECOND_WAVE_ID, SECOND_COUNT)
        whole = invent_second_wave(questionnaire, first, who, cast, seed)
        responses, found = soiled(whole, SECOND_WAVE, questionnaire, region, stars)
        soiled_ids = {truth.response_id for truth in found}
        apart = stars | {r.company.number for r in responses if r.response_id in soiled_ids}
        responses, repeats = with_repeats(responses, SECOND_WAVE_ID, apart, questionnaire.last_page)
        write_label_export(writer, questionnaire, responses)
        dirt += found + repeats
        one = next(r for r in responses if r.company.number not in apart and r.last_page == questionnaire.last_page)
        events.append(
            ConsentEvent(one.response_id, "CONS_REPORTING", False, "2027-05-11 10:05:00", "mail", SECOND_WAVE_ID)
        )
    return events, dirt


def _ref(company: Company, response_id: int, name: str | None = None) -> CompanyRef:
    return CompanyRef(
        name or company.name,
        company.place.court_code,
        company.register_type,
        company.register_number,
        response_id,
    )


def _truths(
    cast: Cast,
    delivery: Delivery,
    withdrawn: tuple[WithdrawnConsent, ...],
    secret: tuple[SecretCellTruth, ...],
    dirt: tuple[DirtTruth, ...],
) -> SampleTruths:
    def ref(company: Company) -> CompanyRef:
        return _ref(company, delivery.response_ids[company.number])

    second = _ref(cast.duplicate, delivery.duplicate_id, delivery.duplicate_name)
    return SampleTruths(
        single_source_clusters=tuple(
            ClusterTruth(
                ref(c.supplier),
                c.plan.input_hs4,
                tuple(ref(b) for b in c.buyers),
                CLUSTER_SHARE_BAND,
                CLUSTER_SWITCH_TIME,
            )
            for c in cast.clusters
        ),
        market_fits=tuple(
            FitTruth(ref(f.company), f.plan.company_product, f.plan.target_product, f.plan.target_country)
            for f in cast.fits
        ),
        duplicates=(DuplicateTruth(ref(cast.duplicate), second),),
        secret_cells=secret,
        withdrawn_consents=withdrawn,
        import_dependencies=DEPENDENCY_PLANS,
        dirt=dirt,
    )
