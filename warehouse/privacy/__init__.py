"""Privacy: who gets what, pseudonyms, vault, consent, disclosure control."""
