"""Spans of runs for OpenTelemetry, made from the ledger's events."""
