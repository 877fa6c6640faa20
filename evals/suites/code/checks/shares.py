"""Cents that are divided."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from shares import share

assert share(100, [1, 1]) == [50, 50]
assert share(100, [1, 1, 1]) == [34, 33, 33]
assert share(101, [1, 2, 1]) == [25, 51, 25]
assert share(10, [1, 6]) == [1, 9]
assert share(11, [3, 3, 1]) == [5, 5, 1]
assert share(0, [1, 2]) == [0, 0]
assert share(7, [0, 5, 0]) == [0, 7, 0]
assert share(10**20 + 1, [1, 1]) == [5 * 10**19 + 1, 5 * 10**19], "large sums are exact"
try:
    share(10, [0, 0])
except ValueError:
    pass
else:
    raise AssertionError("weights that are all 0 were taken")
print('{"value": 1}')
