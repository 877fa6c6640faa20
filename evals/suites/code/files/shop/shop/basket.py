from dataclasses import dataclass
from decimal import Decimal

from shop.rounding import to_cents


@dataclass(frozen=True)
class Line:
    article: str
    price: Decimal
    number: int


def line_total(line):
    """Return what a line costs."""
    full = line.price * line.number
    return to_cents(full * Decimal("0.9") if line.number > 3 else full)


def total(lines, voucher=Decimal(0)):
    """Return what a basket costs."""
    whole = sum((line_total(line) for line in lines), Decimal(0))
    return to_cents(whole - voucher)
