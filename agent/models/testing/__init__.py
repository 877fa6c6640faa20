"""Doubles of models that are part of the product: a scripted model, and a scripted server that speaks real HTTP."""
