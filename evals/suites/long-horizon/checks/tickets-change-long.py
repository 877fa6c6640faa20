"""The file that the task asks for."""

import json

given = json.loads(open('given.json', encoding="utf-8").read())
wanted = {'1': 'Egon', '2': 'Cato', '3': 'Alba', '4': 'Cato', '5': 'Birk', '6': 'Birk', '7': 'Egon', '8': 'Alba', '9': 'Egon', '10': 'Cato', '11': 'Egon', '12': 'Birk', '13': 'Alba', '14': 'Birk', '15': 'Dina', '16': 'Birk', '17': 'Dina', '18': 'Birk', '19': 'Birk', '20': 'Cato', '21': 'Birk', '22': 'Dina', '23': 'Birk', '24': 'Egon', '25': 'Cato', '26': 'Birk'}
assert given == wanted, (given, wanted)
