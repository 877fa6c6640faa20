def median(values):
    """Return the median of a list that is not empty."""
    values.sort()
    return values[len(values) // 2]
