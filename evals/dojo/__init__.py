"""agentdojo's suites as tasks of ours: its tools, its attacks, its own judgement, over real runs."""
