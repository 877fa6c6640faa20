"""Free times of a day."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from slots import free

assert free([], 0, 60) == [(0, 60)]
assert free([(10, 20)], 0, 60) == [(0, 10), (20, 60)]
assert free([(30, 40), (10, 35)], 0, 60) == [(0, 10), (40, 60)], "overlapping"
assert free([(10, 50), (20, 30)], 0, 60) == [(0, 10), (50, 60)], "one inside another"
assert free([(-20, 15), (50, 90)], 0, 60) == [(15, 50)], "beyond the day"
assert free([(0, 60)], 0, 60) == []
assert free([(10, 20), (20, 30)], 0, 60) == [(0, 10), (30, 60)], "an empty time between"
assert free([(70, 80)], 0, 60) == [(0, 60)], "after the day"
print('{"value": 1}')
