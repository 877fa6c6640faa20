"""What counts as a right result."""
