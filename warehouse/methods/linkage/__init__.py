"""Probabilistic linkage of company records: which register entry is meant by what a company wrote.

Belongs here: pure functions over frames. Does not: reading or keeping anything, or giving ids (`warehouse.privacy`).

    register = prepare_register(entries, settings)      # once per register; register.frames() can be kept
    found = link(answers, register, settings)           # found.model can be kept and given to the next call

Names are taken apart (legal form, words of a group's member, rare words), pairs that share a blocking key compared in eight
ways, each agreement weighed after Fellegi and Sunter with the rarity of what is agreed on, and the sum put into one of three
zones: automatic, review, new. Two about equally good candidates are never decided by the method.
"""

from warehouse.methods.linkage.link import Linkage, link
from warehouse.methods.linkage.model import LinkageModel
from warehouse.methods.linkage.prepare import prepare_register
from warehouse.methods.linkage.records import COLUMNS
from warehouse.methods.linkage.register import PreparedRegister
from warehouse.methods.linkage.settings import Limits, LinkageSettings

__all__ = [
    "COLUMNS",
    "Limits",
    "Linkage",
    "LinkageModel",
    "LinkageSettings",
    "PreparedRegister",
    "link",
    "prepare_register",
]
