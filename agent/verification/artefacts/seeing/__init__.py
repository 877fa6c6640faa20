"""Looking at artefacts: rules that always run, and models that see pictures or read descriptions."""
