"""Ways by which a page may try to reach what the proxy does not allow, and a canary that tells which of them did."""
