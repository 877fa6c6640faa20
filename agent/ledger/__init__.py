"""The one ledger: events, effects, blobs, and the runs they belong to."""
