"""The planted truths: what is hidden in the sample, and the answer a correct warehouse gives.

Belongs here: the plans (independent of the region) and the shape of the answers. Does not belong here: how the files are written.
A reviewer reads this module to learn what the marts must find; the answers for one region go to sample_truths.json.
"""

from dataclasses import dataclass

WAVE_ID = "2026"
PULSE_ID = "2026p"
SECOND_WAVE_ID = "2027"
TRADE_YEARS = tuple(range(2017, 2025))
STATISTIC_YEARS = tuple(range(2019, 2025))


# --- Plans ------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ClusterPlan:
    """One regional supplier from which several regional buyers take nearly all of one input."""

    supplier_wz: str
    supplier_product: str
    input_hs4: str
    buyer_wz: str
    buyer_count: int


@dataclass(frozen=True)
class FitPlan:
    """A company that makes one product, and the target (product, country) its market fit has to rank first."""

    company_wz: str
    company_product: str
    target_product: str
    target_country: str


@dataclass(frozen=True)
class Flow:
    """One trade flow of a planned product, thousand USD, the same in every year."""

    exporter: str
    importer: str
    value_kusd: int


@dataclass(frozen=True)
class DependencyPlan:
    """All flows of one product in which the EU takes part, with the answers computed by hand from them.

    extra = imports from outside the EU, intra = trade between members, exports_total = exports of all members (to members and
    others), exports_extra = exports to others. hhi over extra-EU origins; ratio_total = extra / exports_total,
    ratio_extra = extra / exports_extra: both are on the same side of 1.
    """

    product: str
    flows: tuple[Flow, ...]
    extra_kusd: int
    intra_kusd: int
    exports_total_kusd: int
    exports_extra_kusd: int
    origin_hhi: float
    extra_share: float
    ratio_total: float
    ratio_extra: float
    is_dependent: bool


CLUSTER_PLANS = (
    ClusterPlan("24.32", "721123", "7211", "25.50", 5),
    ClusterPlan("24.34", "721720", "7217", "25.93", 4),
    ClusterPlan("25.73", "848071", "8480", "22.29", 4),
)

FIT_PLANS = (
    FitPlan("25.93", "732020", "860730", "PL"),  # springs -> couplings and buffers of rail vehicles
    FitPlan("25.94", "731815", "902110", "ES"),  # screws -> orthopaedic appliances
    FitPlan("22.29", "392690", "901839", "IT"),  # plastic articles -> catheters and cannulae
    FitPlan("28.14", "848180", "902620", "NL"),  # valves -> pressure meters
    FitPlan("27.33", "853650", "850440", "FR"),  # switches -> static converters
)

DEPENDENCY_PLANS = (
    DependencyPlan(  # unwrought magnesium: CN 80 of 100, IL 20 of 100
        "810411",
        (
            Flow("CN", "DE", 60_000), Flow("CN", "PL", 20_000), Flow("IL", "DE", 20_000),
            Flow("DE", "FR", 25_000), Flow("DE", "US", 15_000),
        ),
        extra_kusd=100_000, intra_kusd=25_000, exports_total_kusd=40_000, exports_extra_kusd=15_000,
        origin_hhi=0.68, extra_share=0.8, ratio_total=2.5, ratio_extra=100_000 / 15_000, is_dependent=True,
    ),
    DependencyPlan(  # permanent magnets of metal: CN 150 of 200, JP 50 of 200
        "850511",
        (
            Flow("CN", "DE", 90_000), Flow("CN", "IT", 60_000), Flow("JP", "DE", 50_000),
            Flow("DE", "AT", 50_000), Flow("DE", "US", 40_000),
        ),
        extra_kusd=200_000, intra_kusd=50_000, exports_total_kusd=90_000, exports_extra_kusd=40_000,
        origin_hhi=0.625, extra_share=0.8, ratio_total=200_000 / 90_000, ratio_extra=5.0, is_dependent=True,
    ),
    DependencyPlan(  # locks of a kind: five origins of equal size, more made inside than bought outside
        "830140",
        (
            Flow("CN", "DE", 20_000), Flow("TR", "FR", 20_000), Flow("US", "NL", 20_000), Flow("CH", "AT", 20_000),
            Flow("GB", "IE", 20_000), Flow("DE", "FR", 150_000), Flow("IT", "ES", 150_000), Flow("DE", "US", 200_000),
        ),
        extra_kusd=100_000, intra_kusd=300_000, exports_total_kusd=500_000, exports_extra_kusd=200_000,
        origin_hhi=0.2, extra_share=0.25, ratio_total=0.2, ratio_extra=0.5, is_dependent=False,
    ),
)  # fmt: skip


# --- Answers for one region -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CompanyRef:
    """How a test finds a company again: by its register entry, its name or its response."""

    name: str
    court_code: str
    register_type: str
    register_number: str
    response_id: int


@dataclass(frozen=True)
class ClusterTruth:
    """Answer 1: these buyers are single-sourced in `input_hs4`, from this supplier, and the link may be named."""

    supplier: CompanyRef
    input_hs4: str
    buyers: tuple[CompanyRef, ...]
    share_band: str
    switch_time: str


@dataclass(frozen=True)
class FitTruth:
    """Answer 2: the target (product, country) with rank 1 of this company."""

    company: CompanyRef
    company_product: str
    target_product: str
    target_country: str


@dataclass(frozen=True)
class DuplicateTruth:
    """Answer 3: two responses, one company id; the later response counts."""

    first: CompanyRef
    second: CompanyRef


@dataclass(frozen=True)
class SecretCellTruth:
    """Answer 4: the value that subtraction would reveal, and must not: the cell stays NULL with status `secret`."""

    table_code: str
    period: str
    region_code: str
    wz_code: str
    characteristic: str
    value_by_subtraction: int
    expected_value: None
    expected_status: str


@dataclass(frozen=True)
class WithdrawnConsent:
    """Answer 5: from `occurred_at` on the company is gone from every place this consent opens."""

    company: CompanyRef
    purpose_code: str
    occurred_at: str


@dataclass(frozen=True)
class DirtTruth:
    """Answer 7: what a cell of a later wave holds, and what it has to become. ``kind`` is the class of dirt (1 to 12)."""

    kind: int
    wave_id: str
    response_id: int
    question_concept_id: str
    item_code: str
    delivered: str
    expected_status: str
    expected_finding: str  # '' where nobody has to look
    expected_num: float | None = None
    expected_code: str | None = None


@dataclass(frozen=True)
class SampleTruths:
    """All answers for one generated inbox. Dependencies (answer 6) are the plans themselves: they do not depend on the region."""

    single_source_clusters: tuple[ClusterTruth, ...]
    market_fits: tuple[FitTruth, ...]
    duplicates: tuple[DuplicateTruth, ...]
    secret_cells: tuple[SecretCellTruth, ...]
    withdrawn_consents: tuple[WithdrawnConsent, ...]
    import_dependencies: tuple[DependencyPlan, ...]
    dirt: tuple[DirtTruth, ...] = ()
