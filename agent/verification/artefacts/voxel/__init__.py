"""Artefacts of blocks: buildings that a player of a block game can climb, enter and cross (Luban)."""
