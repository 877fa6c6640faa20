"""Guided strategies: the loop drives the model through typed steps, and what it answers is right or withheld."""
