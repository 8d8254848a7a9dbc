"""What a company is shown of itself: everything it said, and of rows about two companies nothing the other confided."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Works
from warehouse.privacy.held import OF_BOTH, SAID_BY, held

LINK = "marts.mart_supply_link"


@pytest.fixture(scope="module")
def pair(published: Works) -> tuple[str, str]:
    """Supplier and buyer of a named link whose buyer said how much it buys."""
    named = """SELECT supplier_company_id, buyer_company_id FROM marts.mart_supply_link WHERE is_named_with_consent
        AND share_of_buyer_purchases_pct IS NOT NULL ORDER BY ALL LIMIT 1"""
    [(supplier, buyer)] = published.ask(named, "advisory")
    return str(supplier), str(buyer)


@pytest.mark.parametrize("audience", ["analyst", "advisory"])
def test_a_supplier_learns_of_the_link_and_not_of_the_share(
    published: Works, pair: tuple[str, str], audience: str
) -> None:
    supplier, buyer = pair
    speaker, said = SAID_BY[LINK]
    rows = held(published.lineage, supplier)[f"{audience}: {LINK}"]
    others = [row for row in rows if row[speaker] != supplier]
    assert any(row["hs4_code"] for row in others), "it is told that somebody buys from it, and what"
    assert all(row[column] is None for row in others for column in said)
    own = held(published.lineage, buyer)[f"{audience}: {LINK}"]
    assert any(row["share_of_buyer_purchases_pct"] is not None for row in own if row[speaker] == buyer)


def test_a_company_learns_of_its_matches_and_not_of_the_other(published: Works) -> None:
    [(seeker,)] = published.ask("SELECT min(seeker_company_id) FROM marts.mart_partner_match", "advisory")
    rows = held(published.lineage, str(seeker))["advisory: marts.mart_partner_match"]
    assert rows and {tuple(row) for row in rows} == {OF_BOTH["marts.mart_partner_match"]}
