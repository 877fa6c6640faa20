"""Designing an artefact: criteria first, then programs that are looked at, tried out and made anew (Luban)."""
