"""Fields of lines, with quotes."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from pathlib import Path

from fields import parse_line

assert parse_line("a,b,c") == ["a", "b", "c"]
assert parse_line("") == [""]
assert parse_line("a,,c,") == ["a", "", "c", ""]
assert parse_line('"a,b",c') == ["a,b", "c"]
assert parse_line('x,"say ""hi"", she said",y') == ["x", 'say "hi", she said', "y"]
assert parse_line('"",z') == ["", "z"]
try:
    parse_line('a,"b')
except ValueError:
    pass
else:
    raise AssertionError("quotes that are not closed were taken")
assert "import csv" not in Path("fields.py").read_text(), "the module csv is used"
print('{"value": 1}')
