"""The browser tier: Chromium, driven so that what is read of a page is what a person would see of it."""
