"""What a turn costs in other agent libraries, each in an environment of its own, beside Plumbline."""
