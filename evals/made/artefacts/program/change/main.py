"""Tell the fewest coins for an amount of euros."""

import sys
from decimal import Decimal, InvalidOperation

COINS = [200, 100, 50, 20, 10, 5, 2, 1]


def fewest(cents):
    """Return how many of each coin, the largest first."""
    given = []
    for coin in COINS:
        count, cents = divmod(cents, coin)
        if count:
            given.append((count, coin))
    return given


def main():
    try:
        amount = Decimal(sys.argv[1])
        cents = amount * 100
    except (IndexError, InvalidOperation):
        sys.exit("give an amount such as 2.89")
    if not amount.is_finite() or cents < 0 or cents != int(cents):
        sys.exit("give an amount such as 2.89")
    coins = fewest(int(cents))
    if not coins:
        print("nothing to give")
    for count, coin in coins:
        print(f"{count} x {coin / 100:.2f}")


main()
