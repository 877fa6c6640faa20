"""Questions over pages: how many are answered rightly, with the right page cited, by quotes that are on it."""
