"""Thirty artefacts with sixty planted defects: what the checks of programs, pages and data files are worth."""
