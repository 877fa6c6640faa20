"""Batches as logs of Inspect. Its library comes with the extra ``inspect``; only these modules import it."""
