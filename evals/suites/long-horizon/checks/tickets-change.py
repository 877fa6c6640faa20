"""The file that the task asks for."""

import json

given = json.loads(open('given.json', encoding="utf-8").read())
wanted = {'1': 'Alba', '2': 'Cato', '3': 'Dina', '4': 'Birk', '5': 'Dina', '6': 'Cato', '7': 'Egon', '8': 'Alba', '9': 'Egon', '10': 'Dina', '11': 'Egon', '12': 'Egon', '13': 'Cato', '14': 'Egon', '15': 'Egon', '16': 'Dina', '17': 'Dina', '18': 'Birk', '19': 'Cato', '20': 'Egon'}
assert given == wanted, (given, wanted)
