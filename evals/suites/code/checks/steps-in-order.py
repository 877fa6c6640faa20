"""Orders of steps that need each other."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from ordering import ordered

assert ordered({}) == []
assert ordered({"b": ["a"]}) == ["a", "b"]
assert ordered({"c": [], "a": [], "b": []}) == ["a", "b", "c"]
assert ordered({"a": ["z"], "m": []}) == ["m", "z", "a"]
assert ordered({"d": ["b", "c"], "c": ["a"], "b": ["a"]}) == ["a", "b", "c", "d"]
assert ordered({"a": ["d"], "b": [], "c": [], "d": ["c"]}) == ["b", "c", "d", "a"]
for wrong in ({"a": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["a"]}):
    try:
        made = ordered(wrong)
    except ValueError:
        continue
    raise AssertionError(f"a circle gave {made}")
print('{"value": 1}')
