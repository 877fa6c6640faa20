"""The embedded model: weights that are fetched once, and a child process that runs them."""
