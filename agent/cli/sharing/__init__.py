"""A run as files for others: one HTML page that needs nothing from outside, and its report as Markdown."""
