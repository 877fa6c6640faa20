"""Print the calendar of a month, weeks from Monday."""

import sys

NAMES = "January February March April May June July August September October November December".split()


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length(year, month):
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def weekday(year, month):
    """Weekday of the first of a month, 0 for Monday (Sakamoto's method)."""
    shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
    if month < 3:
        year -= 1
    return (year + year // 4 - year // 100 + year // 400 + shift) % 7


year, month = int(sys.argv[1]), int(sys.argv[2])
if not 1 <= month <= 12 or not 1583 <= year <= 9999:
    sys.exit("give a year from 1583 and a month from 1 to 12")
print(f"{NAMES[month - 1]} {year}")
print("Mo Tu We Th Fr Sa Su")
cells = ["  "] * weekday(year, month) + [f"{day:2}" for day in range(1, length(year, month) + 1)]
for start in range(0, len(cells), 7):
    print(" ".join(cells[start:start + 7]))
