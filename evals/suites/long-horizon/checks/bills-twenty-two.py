"""What is open, and what was paid too much."""

import json

for path, wanted in (("open.json", [{'bill': 'B008', 'cents': 51152}, {'bill': 'B009', 'cents': 16186}, {'bill': 'B010', 'cents': 2581}, {'bill': 'B011', 'cents': 900}, {'bill': 'B014', 'cents': 36668}, {'bill': 'B018', 'cents': 51168}]), ("over.json", [{'bill': 'B001', 'cents': 1000}, {'bill': 'B002', 'cents': 1000}, {'bill': 'B004', 'cents': 1000}, {'bill': 'B012', 'cents': 1000}, {'bill': 'B016', 'cents': 1000}, {'bill': 'B021', 'cents': 1000}])):
    given = json.loads(open(path, encoding="utf-8").read())
    assert given == wanted, (path, given, wanted)
