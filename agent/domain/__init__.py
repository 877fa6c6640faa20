"""The words of the system as types: pydantic models without I/O, importing nothing else of ours."""
