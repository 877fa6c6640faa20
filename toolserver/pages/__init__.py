"""What opens pages that were made here in a real browser and tells what became of them.

It runs in a sandbox of its own, as a browsing sandbox does, but reaches nothing: it serves the pages itself.
"""
