"""Programs that play the benchmark's session with one library each, and the pins of that library's environment."""
