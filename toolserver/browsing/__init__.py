"""The program of a browsing sandbox: gets pages for whoever browses, as text or through a real browser.

No program that a model wrote ever runs beside it, so nothing but the web itself can forge what it says a page holds.
"""
