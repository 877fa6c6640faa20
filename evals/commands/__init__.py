"""``plumbline eval``: suites run in batches."""
