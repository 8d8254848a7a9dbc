"""Free German text to codes: products to HS, services to competences, occupations to KldB 2010.

Belongs here: pure functions from texts and a dictionary's rows to codes with scores. Does not belong here: which words
mean what (``regions/<region>/text/``), reading files, or whose texts they are (``warehouse/privacy/texts``).

The way of one cell: ``cells`` splits it into the things it names; ``normal`` and ``compound`` turn each into stems;
``evidence`` finds the entries of the dictionary and weighs what speaks for and against them; ``similarity`` looks for
neighbours where the dictionary is silent; ``coder`` puts it together and says automatic, review or uncoded; ``mapping``
lays over it what a person decided.
"""

from warehouse.methods.text_coding.coder import Coder, Coding, Context
from warehouse.methods.text_coding.dictionary import Dictionary

__all__ = ["Coder", "Coding", "Context", "Dictionary"]
