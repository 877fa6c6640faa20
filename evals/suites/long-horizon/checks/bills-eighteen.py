"""What is open, and what was paid too much."""

import json

for path, wanted in (("open.json", [{'bill': 'B008', 'cents': 900}, {'bill': 'B009', 'cents': 65550}, {'bill': 'B016', 'cents': 24470}, {'bill': 'B017', 'cents': 22560}]), ("over.json", [{'bill': 'B001', 'cents': 1000}, {'bill': 'B014', 'cents': 90}, {'bill': 'B018', 'cents': 1000}])):
    given = json.loads(open(path, encoding="utf-8").read())
    assert given == wanted, (path, given, wanted)
