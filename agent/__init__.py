"""Plumbline decides: planning, execution, verification and the ledger they write."""
