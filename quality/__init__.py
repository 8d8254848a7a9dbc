"""The court: Great Expectations audits the sealed candidate. See README.md of this folder."""
