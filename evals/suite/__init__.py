"""What is measured: suites of samples, read from folders."""
