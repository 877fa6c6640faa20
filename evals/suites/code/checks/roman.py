"""Roman numerals of known numbers, and numbers that have none."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from roman import to_roman

KNOWN = {1: "I", 4: "IV", 9: "IX", 14: "XIV", 40: "XL", 90: "XC", 400: "CD", 944: "CMXLIV", 2026: "MMXXVI", 3999: "MMMCMXCIX"}
for number, text in KNOWN.items():
    assert to_roman(number) == text, (number, to_roman(number))
for number in (0, -1, 4000):
    try:
        made = to_roman(number)
    except ValueError:
        continue
    raise AssertionError(f"{number} gave {made!r}")
print('{"value": 1}')
