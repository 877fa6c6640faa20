"""Looking after a ledger as a whole: checking it, copying it to another database, moving old runs to files."""
