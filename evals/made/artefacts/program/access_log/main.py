"""Summarise a web server's log: access.log in, summary.json out."""

import json
import re

LINE = re.compile(r'^(\S+) \S+ \S+ \[[^\]]*\] "(\S+) (\S+)[^"]*" (\d{3}) (\d+|-)$')

visitors, statuses, total, unread = set(), {}, 0, 0
with open("access.log", encoding="utf-8") as log:
    for line in log:
        match = LINE.match(line.rstrip("\n"))
        if match is None:
            unread += 1
            continue
        host, _, _, status, size = match.groups()
        visitors.add(host)
        group = status[0] + "xx"
        statuses[group] = statuses.get(group, 0) + 1
        total += 0 if size == "-" else int(size)
summary = {"visitors": len(visitors), "statuses": dict(sorted(statuses.items())), "bytes": total, "unread": unread}
with open("summary.json", "w", encoding="utf-8") as out:
    json.dump(summary, out, indent=2)
    out.write("\n")
