"""Answers in one pass: queries, pages, extraction and synthesis, for many questions at little cost.

WebCPM has such a mode besides its sessions. Nobody sits in a seat here: a model is asked for queries, for sentences of
windows by their numbers, and for the answer.
"""
