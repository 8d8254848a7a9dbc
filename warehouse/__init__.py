"""The warehouse core: lineages, seal, certificate, gate, vault. See README.md of this folder."""
