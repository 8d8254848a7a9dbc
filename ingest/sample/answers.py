"""The answers of one company to blocks A, B, C and E to K of the questionnaire.

Belongs here: plausible, consistent answers by concept. Does not belong here: columns and codes of a wave (questionnaire.py), suppliers
(suppliers.py), consent (consent.py). Values are our codes; percents with decimals are written the German way, as respondents do.
"""

import numpy as np

from ingest.sample.companies import MARKER, Company
from ingest.sample.tables import headings

Key = tuple[str, str]

TURNOVER_BANDS = (
    (2e6, "<2m"),
    (10e6, "2-10m"),
    (50e6, "10-50m"),
    (250e6, "50-250m"),
    (float("inf"), ">250m"),
)
GROUP_BANDS = ("<50", "50-249", "250-999", ">=1000")
OTHER_SECTORS = ("MACH", "BUILD", "ELEC", "RAIL", "MED", "ENERGY", "AERO", "DEFENCE", "CONSUMER", "OTHER")
CUSTOMER_COUNTRIES = ("DE", "FR", "IT", "AT", "PL", "CZ", "NL", "CH", "ES", "US", "GB", "CN")
OCCUPATIONS = (
    "Zerspanungsmechaniker",
    "Werkzeugmechaniker",
    "Elektroniker",
    "Maschinenführer",
    "Verfahrensmechaniker",
)
# What companies without a product of their own write, by WZ 2008.
SERVICES = {"25.61": "Lohnhärten, Einsatzhärten und Vakuumhärten", "25.62": "Lohndrehen und Lohnfräsen"}
WITHOUT_CODE = 6
ELECTRICITY_EUR_PER_MWH = 160.0
GAS_EUR_PER_MWH = 60.0


def german(value: float) -> str:
    """12.5 as '12,5', whole numbers without decimals."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def company_answers(company: Company, rng: np.random.Generator) -> dict[Key, str]:
    """All answers that do not depend on other companies."""
    turnover = company.headcount * float(rng.uniform(110_000, 260_000))
    automotive = _automotive(company, rng)
    return {
        **_master(company, turnover, rng),
        **_products(company, rng),
        **_competences(company, rng),
        **_customers(automotive, rng),
        **_drivers(company, turnover, automotive, rng),
        **_innovation(company, rng),
    }


def _flag(rng: np.random.Generator, share: float) -> str:
    return "yes" if rng.random() < share else "no"


def _pick(rng: np.random.Generator, choice: tuple[str, ...]) -> str:
    return str(rng.choice(choice))


def _master(company: Company, turnover: float, rng: np.random.Generator) -> dict[Key, str]:
    member = rng.random() < 0.25
    return {
        ("LEGAL_NAME", ""): company.name,
        ("LEGAL_FORM", ""): company.legal_form_code,
        ("REG_COURT", ""): company.place.court_name,
        ("REG_TYPE", ""): company.register_type,
        ("REG_NO", ""): company.register_number,
        ("SITE_POSTCODE", ""): company.postcode,
        ("SITE_CITY", ""): company.place.official_name,
        ("HEADCOUNT", ""): str(company.headcount),
        ("TURNOVER_BAND", ""): next(code for limit, code in TURNOVER_BANDS if turnover < limit),
        ("GROUP_MEMBER", ""): "yes" if member else "no",
        ("GROUP_HEADCOUNT_BAND", ""): _pick(rng, GROUP_BANDS[1:]) if member and rng.random() < 0.8 else "",
        ("FOUNDED_YEAR", ""): str(company.founded_year),
    }


def _products(company: Company, rng: np.random.Generator) -> dict[Key, str]:
    answers: dict[Key, str] = {
        ("MAIN_WZ", ""): company.industry.wz2008_code,
        ("SERIES_SIZE", ""): _pick(rng, ("single", "small", "medium", "large")),
        ("PART_WEIGHT_BAND", ""): _pick(rng, ("<0.01", "0.01-0.1", "0.1-1", "1-10", ">10")),
    }
    for item, (product, share) in enumerate(company.products, start=1):
        answers["PRODUCT_TEXT", str(item)] = headings()[product[:4]].label_de
        # Some know the code of their main product only.
        if item == 1 or company.number % WITHOUT_CODE:
            answers["PRODUCT_HS", str(item)] = product
        answers["PRODUCT_SHARE", str(item)] = str(share)
    if not company.products:
        # A service has no HS code: what such a company can do is known from its words alone.
        answers["PRODUCT_TEXT", "1"] = SERVICES.get(company.industry.wz2008_code, "Lohnarbeit")
        answers["PRODUCT_SHARE", "1"] = "100"
    return answers


def _competences(company: Company, rng: np.random.Generator) -> dict[Key, str]:
    answers: dict[Key, str] = {
        ("TOLERANCE_BAND", ""): _pick(rng, ("<0.01", "0.01-0.05", "0.05-0.1", ">0.1")),
        ("OWN_DEV", ""): _flag(rng, 0.45),
    }
    for rank, process in enumerate(company.industry.processes):
        if rank == 0 or rng.random() < 0.8:
            answers["PROC", process] = "yes"
            answers["PROC_LEVEL", process] = "core" if rank == 0 else _pick(rng, ("core", "own", "own", "purchased"))
    for rank, material in enumerate(company.industry.materials):
        if rank == 0 or rng.random() < 0.6:
            answers["MATERIAL", material] = "yes"
    for certificate in company.industry.certificates:
        if rng.random() < (0.9 if certificate == "ISO9001" else 0.55):
            answers["CERT", certificate] = "yes"
    return answers


def _automotive(company: Company, rng: np.random.Generator) -> int:
    """Share of turnover with the automotive industry, in steps of five, as people answer."""
    if company.industry.automotive_pct < 90 and rng.random() < 0.1:
        return 0
    return int(5 * np.clip(np.round(rng.normal(company.industry.automotive_pct, 18) / 5), 0, 20))


def _parts(total: int, names: list[str], rng: np.random.Generator) -> dict[str, int]:
    """Whole shares that add up to `total`."""
    shares = [int(np.floor(total * s)) for s in rng.dirichlet(np.ones(len(names)))]
    shares[0] += total - sum(shares)
    return dict(zip(names, shares, strict=True))


def _customers(automotive: int, rng: np.random.Generator) -> dict[Key, str]:
    chosen = [str(s) for s in rng.choice(OTHER_SECTORS, int(rng.integers(2, 5)), replace=False)]
    shares = {"AUTO": automotive, **dict.fromkeys(OTHER_SECTORS, 0), **_parts(100 - automotive, chosen, rng)}
    if rng.random() < 0.04:
        shares["OTHER"] += 1  # a few sums miss 100 by a point
    areas = _parts(100, ["REGION", "STATE", "DE", "EU", "WORLD"], rng)
    countries = rng.permutation(CUSTOMER_COUNTRIES)[: int(rng.integers(1, 5))]
    return {
        **{("CUST_SECTOR_SHARE", sector): str(share) for sector, share in shares.items()},
        **{("SUP_REGION_SHARE", area): str(share) for area, share in areas.items()},
        **{("CUST_COUNTRY", str(n)): str(code) for n, code in enumerate(countries, start=1)},
        ("EXPORT_SHARE", ""): str(int(5 * rng.integers(0, 15))),
        ("TOP1_SHARE_BAND", ""): str(
            rng.choice(["1-10", "11-25", "26-50", "51-80", "81-100"], p=[0.2, 0.35, 0.28, 0.13, 0.04])
        ),
        ("TOP5_SHARE_BAND", ""): _pick(rng, ("26-50", "51-80", "51-80", "81-100")),
        ("CUST_TIER", ""): _pick(rng, ("tier1", "tier2", "tier2", "tier3")) if automotive >= 20 else "none",
    }


def _drivers(company: Company, turnover: float, automotive: int, rng: np.random.Generator) -> dict[Key, str]:
    industry = company.industry
    ratio = industry.combustion_pct / max(industry.automotive_pct, 1.0)
    combustion = int(np.clip(np.round(automotive * ratio * rng.uniform(0.6, 1.4)), 0, automotive))
    energy = round(max(1.1, industry.energy_pct * float(np.exp(rng.normal(0.0, 0.25)))), 1)
    cost = turnover * energy / 100.0
    electric = float(rng.uniform(0.5, 0.8))
    return {
        ("AUTO_REV_SHARE", ""): str(automotive),
        ("ICE_REV_SHARE", ""): str(combustion),
        ("EV_READY", ""): _pick(rng, ("1", "2", "3", "4", "5")),
        ("AUTO_ORDERS_TREND", ""): _pick(rng, ("1", "2", "2", "3", "4")),
        ("ELEC_MWH", ""): str(int(cost * electric / ELECTRICITY_EUR_PER_MWH)),
        ("GAS_MWH", ""): str(int(cost * (1.0 - electric) / GAS_EUR_PER_MWH)),
        ("ENERGY_COST_SHARE", ""): german(energy),
        ("ELEC_CONTRACT_END", ""): f"{int(rng.integers(2026, 2030))}-12-31",
        ("OWN_GENERATION", ""): _flag(rng, 0.35),
        ("HEAT_TEMP_BAND", ""): "400-1000"
        if "heat_treatment" in industry.processes
        else _pick(rng, ("none", "<100", "100-400")),
        ("OPEN_POSITIONS", ""): str(int(rng.binomial(company.headcount, 0.035))),
        ("OPEN_MONTHS", ""): str(int(rng.integers(1, 13))),
        ("OCCUPATION", "1"): _pick(rng, OCCUPATIONS),
        ("SHARE_55PLUS", ""): str(int(rng.integers(12, 45))),
        ("APPRENTICES", ""): str(int(rng.binomial(company.headcount, 0.045))),
        ("TARIFF_EFFECT", ""): _pick(rng, ("none", "low", "medium", "high", "dont_know")),
        ("CBAM_AFFECTED", ""): _pick(rng, ("yes", "no", "dont_know")),
        ("CRM_INPUT", ""): _pick(rng, ("yes", "no", "dont_know")),
        ("RELOCATION_PLAN", ""): str(rng.choice(["none", "considered", "decided", "done"], p=[0.8, 0.14, 0.03, 0.03])),
    }


def _innovation(company: Company, rng: np.random.Generator) -> dict[Key, str]:
    answers: dict[Key, str] = {
        ("NEW_PRODUCT_3Y", ""): _flag(rng, 0.5),
        ("RND_SHARE", ""): german(round(float(rng.uniform(1.1, 6.0)), 1)),
        ("PARTNER_UNIVERSITY", ""): _flag(rng, 0.3),
        ("INT_EXCURSION", ""): _flag(rng, 0.4),
        ("CONTACT_CHANNEL", ""): _pick(rng, ("mail", "phone", "visit", "event")),
        ("CONTACT_NAME", ""): f"Erika Mustermann-{company.number:03d} {MARKER}",
        ("CONTACT_MAIL", ""): f"kontakt{company.number:03d}@example.invalid",
        ("CONTACT_PHONE", ""): f"+49 0000 {company.number:06d}",
    }
    if rng.random() < 0.4:
        # Free text carries what it must not carry, here an invented person: it may never leave the protected layers.
        note = f" (bitte Max Mustermann {MARKER} fragen, Tel. 0000 {company.number:06d})" if rng.random() < 0.1 else ""
        answers["IDEA_TEXT", "1"] = f"Idee {company.number:03d} {MARKER}: Leichtere Bauteile{note}"
        answers["IDEA_STAGE", "1"] = _pick(rng, ("idea", "concept", "prototype", "pilot", "launched", "stopped"))
        answers["TARGET_MARKET", "1"] = _pick(rng, ("Medizintechnik", "Bahn", "Luftfahrt", "Bau"))
    interests = {
        "INT_WORKSHOP": ("markets", "supply_chain", "energy", "digital", "skills"),
        "INT_METHOD": ("ideation", "business_model", "competence_check", "prototyping"),
        "INT_PARTNER_TYPE": ("customer", "supplier", "co_development", "research"),
    }
    for concept, items in interests.items():
        answers.update({(concept, item): "yes" for item in items if rng.random() < 0.35})
    return answers
