"""Places in sorted lists."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

import time

from locate import locate

assert locate([], 1) == -1
assert locate([1], 1) == 0
assert locate([1, 3], 3) == 1
assert locate([1, 3], 2) == -1
assert locate([2, 2, 2, 2], 2) == 0
assert locate([1, 2, 2, 2, 5], 2) == 1
assert locate([1, 2, 3, 4, 5], 6) == -1
many = [7] * 1_000_000
began = time.process_time()
for _ in range(200):
    assert locate(many, 7) == 0
assert time.process_time() - began < 2, "it goes through the list"
print('{"value": 1}')
