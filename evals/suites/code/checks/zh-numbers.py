"""Chinese numerals up to ten thousand."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from shuzi import zhuan

KNOWN = {
    "零": 0, "七": 7, "十": 10, "十二": 12, "二十": 20, "九十九": 99, "一百": 100, "三百零五": 305, "四百一十": 410,
    "一千": 1000, "二千零八": 2008, "五千零六十": 5060, "九千九百九十九": 9999, "一万": 10000,
}
for text, number in KNOWN.items():
    assert zhuan(text) == number, (text, zhuan(text))
print('{"value": 1}')
