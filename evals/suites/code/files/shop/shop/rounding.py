from decimal import Decimal


def to_cents(amount):
    """Round to whole cents, half a cent up."""
    return amount.quantize(Decimal("0.01"))
