"""Plumbline decides: planning, execution, verification and the ledger they write."""

__version__ = "0.1.0"
