"""The file that the task asks for."""

import json

given = json.loads(open('boxes.json', encoding="utf-8").read())
wanted = {'red': 41, 'blue': 66, 'green': 24}
assert given == wanted, (given, wanted)
