"""Tell the most frequent words of a text file."""

import re
import sys
from collections import Counter

path, most = sys.argv[1], int(sys.argv[2])
with open(path, encoding="utf-8") as file:
    text = file.read().lower()
counts = Counter(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text))
ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
for word, count in ranked[:most]:
    print(f"{count}\t{word}")
