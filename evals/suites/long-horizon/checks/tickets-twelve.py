"""The file that the task asks for."""

import json

given = json.loads(open('given.json', encoding="utf-8").read())
wanted = {'1': 'Alba', '2': 'Birk', '3': 'Cato', '4': 'Birk', '5': 'Dina', '6': 'Egon', '7': 'Dina', '8': 'Alba', '9': 'Cato', '10': 'Birk', '11': 'Alba', '12': 'Egon'}
assert given == wanted, (given, wanted)
