"""Keep a list of things to do: commands on standard input, the list at the end."""

import sys


def run(lines):
    items = []
    for line in lines:
        command, _, rest = line.strip().partition(" ")
        if command == "add" and rest:
            items.append([False, rest])
        elif command in ("done", "drop") and rest.isdigit() and 1 <= int(rest) <= len(items):
            number = int(rest) - 1
            if command == "done":
                items[number][0] = True
            else:
                del items[number]
        elif command:
            print(f"cannot do: {line.strip()}")
    return items


items = run(sys.stdin.readlines())
for number, (done, text) in enumerate(items, 1):
    print(f"{number}. [{'x' if done else ' '}] {text}")
left = sum(not done for done, _ in items)
print(f"{left} of {len(items)} left")
