"""The file that the task asks for."""

import json

given = json.loads(open('boxes.json', encoding="utf-8").read())
wanted = {'red': 24, 'blue': 24, 'green': 33}
assert given == wanted, (given, wanted)
