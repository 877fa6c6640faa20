"""Convert between Roman and Arabic numerals."""

import sys

VALUES = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]


def to_roman(number):
    out = ""
    for value, letters in VALUES:
        while number >= value:
            out += letters
            number -= value
    return out


def from_roman(text):
    number, place = 0, 0
    for value, letters in VALUES:
        while text.startswith(letters, place):
            number += value
            place += len(letters)
    if place != len(text) or to_roman(number) != text:
        raise ValueError(text)
    return number


for word in sys.argv[1:]:
    try:
        if word.isdigit() and 1 <= int(word) <= 3999:
            print(to_roman(int(word)))
        else:
            print(from_roman(word.upper()))
    except ValueError:
        print(f"no numeral: {word}")
