"""Ids that are one company: groups of ids tied by decisions, each shown under its oldest id.

Belongs here: pure bookkeeping over pairs of ids. Does not belong here: decisions (``ledger``) or who a company is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clusters:
    """``shown``: the id under which an id is shown; ``apart``: shown ids that a person told apart, both ways."""

    shown: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    apart: frozenset[tuple[str, str]]

    @classmethod
    def of(
        cls, order: Iterable[str], same: Iterable[tuple[str, str]], distinct: Iterable[tuple[str, str]] = ()
    ) -> Clusters:
        """Groups over ids given from oldest to newest."""
        place = {company: number for number, company in enumerate(order)}
        parent: dict[str, str] = {}

        def top(company: str) -> str:
            while (above := parent.get(company, company)) != company:
                company = above
            return company

        for left, right in same:
            ends = sorted((top(left), top(right)), key=lambda c: (place.get(c, len(place)), c))
            parent[ends[1]] = ends[0]
            parent.setdefault(ends[0], ends[0])
        shown = {company: top(company) for company in parent}
        groups: dict[str, list[str]] = {}
        for company in sorted(shown, key=lambda c: (place.get(c, len(place)), c)):
            groups.setdefault(shown[company], []).append(company)
        pairs = {(shown.get(a, a), shown.get(b, b)) for a, b in distinct}
        apart = frozenset(pairs | {(b, a) for a, b in pairs})
        return cls(shown, {company: tuple(members) for company, members in groups.items()}, apart)

    def canonical(self, company: str) -> str:
        """The id under which a company is shown; its own where nothing is tied to it."""
        return self.shown.get(company, company)

    def members(self, company: str) -> tuple[str, ...]:
        """All ids of a company, the shown one first."""
        return self.groups.get(self.canonical(company), (company,))

    def contradiction(self, action: str, left: str, right: str) -> str | None:
        """Why a decision cannot stand beside those in force; None where it can."""
        ours, theirs = self.canonical(left), self.canonical(right)
        if action == "same" and (ours, theirs) in self.apart:
            return "a decision in force says that they are two companies"
        if action != "same" and ours == theirs:
            return "decisions in force say that they are one company"
        return None
