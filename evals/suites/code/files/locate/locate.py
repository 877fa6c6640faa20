def locate(values, wanted):
    """Return the place of the first value that is wanted in a sorted list; -1 where there is none."""
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle
        else:
            high = middle
    return low if values and values[low] == wanted else -1
