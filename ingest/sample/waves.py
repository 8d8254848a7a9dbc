"""The pulse and the second wave: who answers again, when, and what changed since.

Belongs here: who returns and what a year changes, within the codes of the wave. Does not belong here: dirt (dirt.py), the form of the
files (exports.py). Parts of the planted truths return in two ways only: some companies of the market-fit truths answer the pulse, and
one breaks off the second wave after the first page. Neither may change what a company makes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np

from ingest.sample.answers import ELECTRICITY_EUR_PER_MWH, GAS_EUR_PER_MWH, german
from ingest.sample.cast import Cast
from ingest.sample.companies import Company
from ingest.sample.questionnaire import Key, Questionnaire
from ingest.sample.streams import stream
from ingest.sample.survey import OFFICE_MINUTES, Delivery, Response, base_columns

PULSE_COUNT = 60
SECOND_COUNT = 80
FIELD_DAYS = {"pulse": 18, "wave": 80}
PARTIAL_PAGES = (1, 3, 6, 9, 11, 12)
# What a wave asks in other words: (concept, code before) to codes it has now.
CODES_NOW = {("HEAT_TEMP_BAND", "100-400"): ("100-250", "250-400"), ("IDEA_STAGE", "stopped"): ("",)}
SPLIT = {"coating": ("coating", "hardening")}
SCALE = ("1", "2", "3", "4", "5")


def returning(
    companies: Sequence[Company], cast: Cast, given: dict[int, dict[str, bool]], busy: set[int], seed: int, name: str, count: int
) -> list[Company]:  # fmt: skip
    """Companies that answer a later wave, in a fixed order; never one a truth or a consent event is about."""
    apart = cast.starring() | {c.number for c in cast.partial} | busy
    free = [c for c in companies if c.number not in apart and given[c.number]["CONS_STORE"]]
    order = stream(seed, f"returning {name}").permutation(len(free))
    return [free[int(i)] for i in order[:count]]


def invent_pulse(
    questionnaire: Questionnaire, first: Delivery, who: list[Company], cast: Cast, seed: int
) -> tuple[Response, ...]:
    """A short survey; every company of the market-fit truths takes part."""
    return _invent(questionnaire, first, [*who, *(fit.company for fit in cast.fits)], {}, seed)


def invent_second_wave(
    questionnaire: Questionnaire, first: Delivery, who: list[Company], cast: Cast, seed: int
) -> tuple[Response, ...]:
    """The questionnaire of the next year; the last ones break off, and a company of the market-fit truths on the first page."""
    breaks = {c.number: page for c, page in zip(who[-len(PARTIAL_PAGES) :], PARTIAL_PAGES, strict=True)}
    broken, whole = cast.fits[0].company, cast.fits[1].company
    return _invent(questionnaire, first, [*who, whole, broken], breaks | {broken.number: 1}, seed)


def _invent(
    questionnaire: Questionnaire, first: Delivery, who: list[Company], breaks: dict[int, int], seed: int
) -> tuple[Response, ...]:
    facts = questionnaire.book.facts
    rng = stream(seed, f"wave {questionnaire.book.wave_id}")
    before = {r.response_id: r for r in first.responses}
    minutes = rng.integers(0, FIELD_DAYS[str(facts["kind"])] * OFFICE_MINUTES, len(who))
    order = sorted(zip(minutes, who, strict=True), key=lambda entry: (int(entry[0]), entry[1].number))
    responses = []
    for number, (minute, company) in enumerate(order, 1):
        start = moment(facts["field_start"], int(minute))
        last_page = breaks.get(company.number, questionnaire.last_page)
        answers = changed(before[first.response_ids[company.number]].answers, company, questionnaire, rng)
        answers |= base_columns(number, start, last_page, questionnaire.last_page, rng)
        answers["CONS_TEXT_VERSION", ""] = text_in_use(facts["consent_texts"], start.date())
        responses.append(Response(number, company, questionnaire.own(answers), last_page))
    return tuple(responses)


def moment(field_start: date, minute: int) -> datetime:
    """A moment in office hours of the field time."""
    days, rest = divmod(minute, OFFICE_MINUTES)
    return datetime.combine(field_start, time(8)) + timedelta(days=days, minutes=rest)


def text_in_use(texts: list[dict[str, object]], day: date) -> str:
    """The version of the consent text a response of a day was shown."""
    shown = [t for t in texts if date.fromisoformat(str(t["valid_from"])) <= day]
    return str(max(shown, key=lambda t: str(t["valid_from"]))["version"])


def changed(
    before: dict[Key, str], company: Company, questionnaire: Questionnaire, rng: np.random.Generator
) -> dict[Key, str]:
    """The answers of a year later, in the codes and units of the wave."""
    answers: dict[Key, str] = {}
    for (concept, item), value in before.items():
        codes = CODES_NOW.get((concept, value))
        new_item = str(rng.choice(SPLIT[item])) if concept in ("PROC", "PROC_LEVEL") and item in SPLIT else item
        answers[concept, new_item] = str(rng.choice(codes)) if codes else value
    heads = max(1, round(int(before["HEADCOUNT", ""]) * float(rng.uniform(0.95, 1.06))))
    answers["HEADCOUNT", ""] = str(heads)
    answers["OPEN_POSITIONS", ""] = str(int(rng.binomial(heads, 0.03)))
    answers["SITE_AGS", ""] = company.place.ags or ""
    answers["TURNOVER_EUR", ""] = _turnover(before, questionnaire)
    answers |= {
        ("DIGITAL_LEVEL", item): str(rng.choice(SCALE))
        for item in ("machines", "planning", "quality", "orders", "skills")
    }
    units = {c["question_concept_id"]: c["unit_code"] for c in questionnaire.book.questions}
    if units.get("RND_SHARE") == "share":
        percent = float(before["RND_SHARE", ""].replace(",", "."))
        answers["RND_SHARE", ""] = f"{percent / 100:.3f}".replace(".", ",")
    if rng.random() < 0.3:
        trend = float(before["ENERGY_COST_SHARE", ""].replace(",", "."))
        answers["ENERGY_COST_SHARE", ""] = german(round(max(1.1, trend * 1.1), 1))
    return answers


def _turnover(before: dict[Key, str], questionnaire: Questionnaire) -> str:
    """EUR, as energy and its share of turnover say, within the band; nothing where the wave asks for no band."""
    band = before["TURNOVER_BAND", ""]
    limits = next(
        (c for c in questionnaire.book.codes if c["code_list"] == "TURNOVER_BAND" and c["value_code"] == band), None
    )
    if limits is None:
        return ""
    cost = int(before["ELEC_MWH", ""]) * ELECTRICITY_EUR_PER_MWH + int(before["GAS_MWH", ""]) * GAS_EUR_PER_MWH
    turnover = 100 * cost / float(before["ENERGY_COST_SHARE", ""].replace(",", "."))
    return str(int(np.clip(turnover, float(limits["low"]) + 1, float(limits["high"] or "inf") - 1)))


def numbered_after(response: Response, number: int, later: timedelta) -> Response:
    """The same response given once more, so much later."""
    shifted = {}
    for concept in ("STARTED_AT", "SUBMITTED_AT", "UPDATED_AT"):
        text = response.answers.get((concept, ""), "")
        shifted[concept, ""] = str(datetime.fromisoformat(text) + later) if text else ""
    return replace(
        response, response_id=number, answers={**response.answers, **shifted, ("RESPONSE_ID", ""): str(number)}
    )
