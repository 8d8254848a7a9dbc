"""A region as data: one folder of facts, the default folder behind it, and the lake tables made from both.

Belongs here: reading ``regions/<region>/`` and checking it. Does not belong here: any fact of any region.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import SettingsError

REGIONS_FOLDER = Path(__file__).parent / "regions"
DEFAULT_FOLDER = REGIONS_FOLDER / "default"
SEVERITIES = ("block", "warn")
# What protects companies, or keeps a licence, is never only a warning, whatever a region writes.
ALWAYS_BLOCK = ("BIX-001", "BIX-002", "BIX-003", "BIX-004", "BIX-009", "SRV-004", "LND-007")
SMALLEST_K = 3


@dataclass(frozen=True)
class Kreis:
    """A district or independent city: 5-digit AGS, official name, NUTS 3 code, 'district' or 'city'."""

    ags: str
    name: str
    nuts3_code: str | None = None
    kind: str = "district"


@dataclass(frozen=True)
class Region:
    """One region folder. A file there wins over the file of the same relative path in the default folder."""

    folder: Path

    @classmethod
    def load(cls, name_or_path: str) -> Region:
        """Find a region by the name of its folder or by a path to one."""
        for folder in (REGIONS_FOLDER / name_or_path, Path(name_or_path).expanduser().absolute()):
            if (folder / "region.yml").is_file() and folder != DEFAULT_FOLDER:
                region = cls(folder)
                region.check()
                return region
        known = sorted(p.parent.name for p in REGIONS_FOLDER.glob("*/region.yml"))
        raise SettingsError(
            f"there is no region folder '{name_or_path}'",
            where="KETTENWERK_REGION",
            expected=f"one of {', '.join(known)}, or a folder that holds a region.yml",
        )

    def file(self, relative: str) -> Path:
        """The region's own file, or the default one."""
        for folder in (self.folder, DEFAULT_FOLDER):
            if (folder / relative).is_file():
                return folder / relative
        raise SettingsError(
            f"neither the region nor the default folder has '{relative}'", where=f"region {self.folder.name}"
        )

    def rows(self, relative: str) -> list[dict[str, str]]:
        """Rows of a CSV of the region as text; an absent file is an empty list. Lines that start with # are notes."""
        try:
            path = self.file(relative)
        except SettingsError:
            return []
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(line for line in handle if not line.startswith("#")))

    def yaml(self, relative: str) -> dict[str, Any]:
        """A YAML file of the region or the default folder."""
        return yaml.safe_load(self.file(relative).read_text(encoding="utf-8")) or {}

    @cached_property
    def facts(self) -> dict[str, Any]:
        """``region.yml``."""
        try:
            facts = yaml.safe_load((self.folder / "region.yml").read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SettingsError(f"the file cannot be read ({error})", where=f"{self.folder.name}/region.yml") from error
        if not isinstance(facts, dict):
            raise SettingsError(
                "the file holds no facts", where=f"{self.folder.name}/region.yml", expected="keys and values"
            )
        return facts

    def check(self) -> None:
        """Refuse a folder without the facts every table needs."""
        for key in ("region_code", "label_de", "state", "kreise"):
            if not self.facts.get(key):
                raise SettingsError(f"'{key}' is missing", where=f"{self.folder.name}/region.yml")
        try:
            kreise = self.kreise
        except (TypeError, KeyError) as error:
            raise SettingsError(
                f"kreise cannot be read ({error!r})",
                where=f"{self.folder.name}/region.yml",
                expected="a list of {ags, name}",
            ) from error
        for kreis in kreise:
            if not (kreis.ags.isdigit() and len(kreis.ags) == 5):
                raise SettingsError(
                    f"AGS '{kreis.ags}'",
                    where=f"{self.folder.name}/region.yml, kreise",
                    expected="five digits in quotes",
                )

    @property
    def region_code(self) -> str:
        return str(self.facts["region_code"])

    @property
    def label_de(self) -> str:
        return str(self.facts["label_de"])

    @property
    def country_code(self) -> str:
        return str(self.facts.get("country", "DE"))

    @property
    def state_ags(self) -> str:
        return str(self.facts["state"]["ags"])

    @property
    def state_region_code(self) -> str:
        return str(self.facts["state"]["region_code"])

    @cached_property
    def kreise(self) -> list[Kreis]:
        """The districts and independent cities of the region."""
        return [
            Kreis(str(k["ags"]), str(k["name"]), k.get("nuts3_code"), str(k.get("kind", "district")))
            for k in self.facts["kreise"]
        ]

    @cached_property
    def municipalities(self) -> list[dict[str, str]]:
        return self.rows("municipalities.csv")

    @cached_property
    def postcodes(self) -> list[dict[str, str]]:
        return self.rows("postcodes.csv")

    @cached_property
    def courts(self) -> list[dict[str, str]]:
        return self.rows("courts.csv")

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Region groups; the region itself is always one."""
        given = list(self.facts.get("groups") or [])
        if self.region_code not in {g["code"] for g in given}:
            given.insert(
                0, {"code": self.region_code, "label_de": self.label_de, "kreise": [k.ags for k in self.kreise]}
            )
        return given

    def chamber_of(self, ags: str) -> str | None:
        """Chamber code of a municipality or Kreis."""
        chambers = self.facts.get("chambers") or {}
        return (chambers.get("by_ags") or {}).get(ags, chambers.get("default"))

    def gates(self, profile: str) -> dict[str, dict[str, Any]]:
        """Rule id -> severity and limits, with the profile's own limits laid over the general ones."""
        merged: dict[str, dict[str, Any]] = {}
        general = yaml.safe_load((DEFAULT_FOLDER / "gates.yml").read_text(encoding="utf-8"))
        for rule_id, rule in {**general, **self.yaml("gates.yml")}.items():
            own = (rule.get("profiles") or {}).get(profile) or {}
            limits = _laid_over(rule.get("limits") or {}, own.get("limits") or {})
            severity = own.get("severity", rule.get("severity", "block"))
            if severity not in SEVERITIES or (rule_id in ALWAYS_BLOCK and severity != "block"):
                raise SettingsError(
                    f"the severity of {rule_id} is '{severity}'",
                    where=f"gates.yml of region {self.folder.name}",
                    expected="block" if rule_id in ALWAYS_BLOCK else "block or warn",
                )
            merged[rule_id] = {"severity": severity, "limits": limits}
        return merged

    @property
    def privacy(self) -> dict[str, Any]:
        """Limits of disclosure control; a region may be stricter than the default, never laxer than official statistics."""
        limits = {
            **yaml.safe_load((DEFAULT_FOLDER / "privacy.yml").read_text(encoding="utf-8")),
            **self.yaml("privacy.yml"),
        }
        if not isinstance(limits["k"], int) or limits["k"] < SMALLEST_K:
            raise SettingsError(
                f"k is {limits['k']!r}",
                where=f"privacy.yml of region {self.folder.name}",
                expected=f"at least {SMALLEST_K}",
            )
        return limits

    def market_fit(self) -> dict[str, Any]:
        """Configuration of the market-fit score."""
        return self.yaml(f"scores/{self.yaml('scores/in_force.yml')['market_fit']}")

    def dependency(self) -> dict[str, Any]:
        """Breakpoints of the dependency scores."""
        return self.yaml(f"scores/{self.yaml('scores/in_force.yml')['dependency']}")

    def region_opportunity(self) -> dict[str, Any]:
        """Configuration of the region's opportunities; an own list of versions that does not name it has the common one."""
        own, common = self.yaml("scores/in_force.yml"), DEFAULT_FOLDER / "scores" / "in_force.yml"
        chosen = (
            own.get("region_opportunity") or yaml.safe_load(common.read_text(encoding="utf-8"))["region_opportunity"]
        )
        return self.yaml(f"scores/{chosen}")

    def market_fit_json(self) -> str:
        """The same as JSON text, as the models read it."""
        return json.dumps(self.market_fit(), ensure_ascii=False, sort_keys=True)


def _laid_over(general: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Limits with a profile's own laid over them, limit by limit and inside lists of limits too."""
    merged = dict(general)
    for name, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _laid_over(merged[name], value) if both else value
    return merged
