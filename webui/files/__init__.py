"""Files of runs: which there are, which blobs a run may show, how they are sent, and previews of them."""
