"""Previews of files: what a person sees of one without downloading it, a kind of file each, always bounded.

A file that is broken says so in one line. Nothing of a file is run here; what takes a file apart that could break its
reader does so in a process of its own, or in a sandbox.
"""
