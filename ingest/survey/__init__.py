"""The survey as it really arrives: from a file's bytes to cells that say what they are, and to what a person has to decide.

Belongs here: recognising a file's form, reading single cells, comparing cells of one response, the review list, codebooks.
Does not belong here: how a tool delivers (``sources``), which concepts exist (the region's ``survey/`` folder), any rule
about a whole wave (dbt).
"""
