"""The file that the task asks for."""

import json

given = json.loads(open('boxes.json', encoding="utf-8").read())
wanted = {'red': 35, 'blue': 27, 'green': 40}
assert given == wanted, (given, wanted)
