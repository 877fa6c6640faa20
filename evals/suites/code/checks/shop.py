"""What baskets cost."""

import signal

signal.signal(signal.SIGALRM, lambda *_: exit("it does not end"))
signal.alarm(5)

from decimal import Decimal

from shop.basket import Line, total

D = Decimal
assert total([Line("a", D("2.50"), 2)]) == D("5.00")
assert total([Line("a", D("1.00"), 3)]) == D("2.70"), "from three on"
assert total([Line("a", D("1.00"), 2), Line("b", D("1.00"), 1)]) == D("3.00"), "three of different articles"
assert total([Line("a", D("0.05"), 3)]) == D("0.14"), "half a cent up"
assert total([Line("a", D("0.15"), 3)]) == D("0.41"), "half a cent up, not to the even one"
assert total([Line("a", D("0.05"), 3), Line("b", D("0.05"), 3)]) == D("0.27"), "rounded at the very end"
assert total([Line("a", D("4.00"), 1)], voucher=D("5.00")) == D("0.00"), "never below 0"
assert total([Line("a", D("10.00"), 3)], voucher=D("5.00")) == D("22.00"), "the voucher after the discount"
assert total([]) == D("0.00")
assert isinstance(total([]), Decimal)
print('{"value": 1}')
