from decimal import Decimal
from fractions import Fraction


def answer():
    return (
        pow(2, 200, 7) == 2**200 % 7
        and Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2)
        and Decimal("0.1") * 3 == Decimal("0.3")
    )
