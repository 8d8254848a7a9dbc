"""Cells that a spreadsheet shows and never carries out.

Belongs here: that one guard, for every list that goes to a person. Does not belong here: the lists themselves.
"""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def unarmed(text: str) -> str:
    """A cell that a spreadsheet shows as text, whatever it begins with."""
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text
