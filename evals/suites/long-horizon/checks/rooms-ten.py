"""The log of the way through the rooms."""

lines = [line.strip() for line in open("log.txt", encoding="utf-8") if line.strip()]
assert lines == ['1: 737 -> 793', '2: 793 -> 835', '3: 835 -> 860', '4: 860 -> 860', '6: 860 -> 860', '7: 860 -> 860', '8: 860 -> 840', '9: 840 -> 813'], lines
