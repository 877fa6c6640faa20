"""Answers in which every sentence that states a fact cites a quote, and is checked against it."""
