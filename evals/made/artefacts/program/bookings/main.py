"""Find bookings of rooms that overlap, and how long each room is taken."""

import json
import sys


def minutes(clock):
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


by_room = {}
for booking in json.load(sys.stdin):
    start, end = minutes(booking["from"]), minutes(booking["to"])
    by_room.setdefault(booking["room"], []).append((start, end, booking["who"]))
for room in sorted(by_room):
    taken, until, last = 0, 0, ""
    for start, end, who in sorted(by_room[room]):
        if start < until:
            print(f"{room}: {who} overlaps {last}")
        taken += max(0, end - max(start, until))
        if end > until:
            until, last = end, who
    print(f"{room}: {taken // 60} h {taken % 60:02} min")
