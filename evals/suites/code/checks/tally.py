"""The program, by its output."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

import subprocess
import sys


def said(text):
    done = subprocess.run([sys.executable, "tally.py"], input=text, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout.splitlines()


assert said("the cat and the dog") == (0, ["2 the", "1 and", "1 cat", "1 dog"])
assert said("Don't! don't, DON'T.") == (0, ["3 don't"])
assert said("'quoted' words, 'quoted'") == (0, ["2 quoted", "1 words"])
assert said("b a\nb\na c") == (0, ["2 a", "2 b", "1 c"])
assert said("12 34 -- '") == (2, [])
assert said("") == (2, [])
print('{"value": 1}')
