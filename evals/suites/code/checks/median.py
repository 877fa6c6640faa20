"""Medians of odd and even lists; the list stays as it was."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from middle import median

assert median([3, 1, 2]) == 2
assert median([4, 1, 3, 2]) == 2.5
assert median([7]) == 7
assert median([5, 5, 1, 9, 2, 8]) == 5
given = [9, 1, 5]
assert median(given) == 5
assert given == [9, 1, 5], "the list was changed"
print('{"value": 1}')
