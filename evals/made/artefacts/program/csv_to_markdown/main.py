"""Turn CSV on standard input into a Markdown table."""

import csv
import sys


def cell(text):
    return text.strip().replace("|", "\\|").replace("\n", " ")


def table(rows):
    width = max(len(row) for row in rows)
    filled = [[cell(text) for text in row] + [""] * (width - len(row)) for row in rows]
    yield filled[0]
    yield ["---"] * width
    yield from filled[1:]


rows = [row for row in csv.reader(sys.stdin) if row]
if not rows:
    sys.exit("there are no rows")
for row in table(rows):
    print("| " + " | ".join(row) + " |")
