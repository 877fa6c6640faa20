"""Ten reference wishes for the world ``cad``: good programs, sabotaged ones, and how well checks tell them apart."""
