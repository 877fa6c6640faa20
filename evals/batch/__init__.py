"""Batches: every attempt at a sample is a run of the ledger, from which all results are read."""
