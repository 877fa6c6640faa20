def parse_line(line):
    """Return the fields of a line."""
    return line.split(",")
