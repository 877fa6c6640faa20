"""Luban's five building tasks: what they ask for, a good build of each, and builds with one planted defect."""
