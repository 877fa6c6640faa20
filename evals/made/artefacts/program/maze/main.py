"""Find the shortest way through a maze from S to E."""

import sys
from collections import deque


def shortest(rows):
    """Return the number of steps; None where there is no way."""
    places = {mark: (y, row.index(mark)) for mark in "SE" for y, row in enumerate(rows) if mark in row}
    if len(places) < 2:
        return None
    queue, seen = deque([(places["S"], 0)]), {places["S"]}
    while queue:
        (y, x), steps = queue.popleft()
        if (y, x) == places["E"]:
            return steps
        for there in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            inside = 0 <= there[0] < len(rows) and 0 <= there[1] < len(rows[there[0]])
            if inside and rows[there[0]][there[1]] != "#" and there not in seen:
                seen.add(there)
                queue.append((there, steps + 1))
    return None


steps = shortest(sys.stdin.read().splitlines())
print("no way" if steps is None else f"{steps} steps")
