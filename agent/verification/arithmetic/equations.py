"""Finds equations and computed statements in a text and judges each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from agent.domain.claims import Verdict
from agent.verification.arithmetic.comparing import compare, shown
from agent.verification.arithmetic.computation import Computation, Uncomputable, Unreadable
from agent.verification.arithmetic.doubles import holds_in_doubles
from agent.verification.arithmetic.grammar import Reading, Side, parse_side
from agent.verification.arithmetic.lexer import PARTS, Token, approximate, tokens
from agent.verification.arithmetic.units import dimension, factor

_WINDOW = 400
"""Tokens of a side."""
_STARTS = 24
"""Places that are tried as the beginning of a left side."""
_SEPARATED = re.compile(r",|(?<![.\d])[1-9]\d{0,2}(?:\.\d{3})+(?!\d)")
"""A number that may have a decimal comma, or dots between its thousands."""
_OTHER_NUMBERS = re.compile(
    r"\b(?:(?:in|using|with)\s+(?:base|binary|hex\w*|octal|roman|mod\w*|integer\s+division|c|java|go|rust|python\s*2)\b"
    r"|clock|modul\w+|mod\s+\d+|base[\s-](?:\d+|two|eight|twelve|sixteen)|binary|hexadecimal|octal)",
    re.IGNORECASE,
)
"""Words before a computation after which its numbers or signs mean something else."""
_BORDERS = frozenset("\n;。；?？!！.")
_FILLERS = frozenset(
    [
        "exactly",
        "just",
        "only",
        "still",
        "also",
        "then",
        "now",
        "precisely",
        "simply",
        "indeed",
        "a",
        "an",
        "the",
        "total",
        "of",
        "approximately",
    ]
)
_CONTEXT = 160
_HYPOTHETICAL = re.compile(
    r"(?:\b(?:if|suppose|supposing|assume|assuming|imagine|claims?|claimed|says?|said|believes?|thinks?|whether)\b"
    r"(?:\s+that)?|假设|如果|声称)\s*$",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"\b(?:not\s+(?:true|correct|right|the\s+case)|false|wrong|incorrect|untrue|mistaken(?:ly)?|myth|never)\b[\w\s,:]{0,25}$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^[\s,)\"'”]*(?:(?:,|which)?\s*(?:is|are|was|would\s+be)\s+(?:\w+\s+)?(?:wrong|false|incorrect|untrue|nonsense|not)\b"
    r"|\s*(?:is|was|would\s+be)\s+(?:an?\s+)?(?:\w+\s+){0,2}(?:mistakes?|errors?|slips?|misconceptions?|myths?|fallacy|blunder)\b"
    r"|\(?mod\b|\(?modulo\b|in\s+(?:binary|hex|octal|base)|\(?base\b|是?错|不对)",
    re.IGNORECASE,
)
_RELATIVE_AFTER = re.compile(r"^\s*(?:[\w-]+\s+){0,3}(?:than|times|or|as)\b", re.IGNORECASE)
_SCALE_WORDS = re.compile(r"\b(?:scale|maps?|represents?)\b", re.IGNORECASE)
_REMAINDER = re.compile(
    r"^\s*,?\s*(?:with\s+(?:a\s+)?)?(?:remainder|rem|r)\s*(?:of\s+)?(\d{1,30})\b|^\s*余\s*(\d{1,30})", re.IGNORECASE
)
_SMALL_MONEY = re.compile(r"\b(?:cents?|pence|pennies|¢)\b|¢|分", re.IGNORECASE)
_OPEN_BEFORE = frozenset(
    [
        "than",
        "from",
        "log",
        "ln",
        "sin",
        "cos",
        "tan",
        "mod",
        "base",
        "root",
        "power",
        "cube",
        "square",
        "logarithm",
        "factorial",
    ]
)


def judge_equations(text: str) -> Iterator[Computation]:
    """Yield a judgement for each equation and computed statement of a text, in order."""
    found = [_unbulleted(text, token) for token in tokens(text)]
    marks = [index for index, token in enumerate(found) if token.kind == "relation"]
    borders = [-1, *(i for i, t in enumerate(found) if t.kind == "relation" or t.value in _BORDERS), len(found)]
    place = {index: at for at, index in enumerate(borders)}
    for mark in marks:
        low = max(borders[place[mark] - 1] + 1, mark - _WINDOW)
        high = min(borders[place[mark] + 1], mark + _WINDOW)
        judgement = _Equation(text, found, low, mark, high).judged()
        if judgement is not None:
            yield judgement


def _unbulleted(text: str, token: Token) -> Token:
    """Take the sign that begins a line, and has a space behind it, for a bullet."""
    if token.kind != "op" or token.value not in "+-*" or text[token.end : token.end + 1] not in (" ", "\t"):
        return token
    at = token.start - 1
    while at >= 0 and text[at] in " \t":
        at -= 1
    return replace(token, kind="other") if at < 0 or text[at] == "\n" else token


class _Equation:
    """A relation with the tokens on both of its sides."""

    def __init__(self, text: str, found: Sequence[Token], low: int, mark: int, high: int) -> None:
        self._text, self._tokens, self._low, self._mark, self._high = text, found, low, mark, high
        self._soft = False
        self._through = 0

    def judged(self) -> Computation | None:
        relation = self._tokens[self._mark]
        about = relation.value == "~"
        begin = self._mark + 1
        while begin < self._high and (word := self._tokens[begin]).kind == "word":
            about = about or approximate(word)
            if not approximate(word) and word.value not in _FILLERS:
                break
            begin += 1
        if begin >= self._high:
            return None
        sign = "~" if about and relation.value in ("=", "is", "~") else relation.value.replace("is", "=")
        outcomes: list[tuple[Reading, Verdict, str]] = []
        span: tuple[Side, Side] | None = None
        soft = False
        for reading in self._readings():
            try:
                left, right = self._left(reading), parse_side(self._tokens, begin, self._high, reading)
                if not self._computed(left, right, relation.value):
                    continue
                if span is None:
                    span, soft = (left, right), self._soft
                outcomes.append((reading, *self._outcome(left, right, sign, reading)))
            except Uncomputable as reason:
                return self._made(self._low, begin + 1, "unverifiable", str(reason))
            except Unreadable:
                continue
        if span is None or not outcomes:
            return None
        verdict, detail = self._best(outcomes)
        left, right = span
        self._soft = soft
        kind_units = not left.operations and not right.operations and any(left.units)
        return self._made(left.start, right.end, *self._in_context(left, right, verdict, detail), units=kind_units)

    def _readings(self) -> Iterator[Reading]:
        window = self._tokens[self._low : self._high]
        yield Reading()
        if any(token.kind == "percent" for token in window) and any(t.value in ("+", "-") for t in window):
            yield Reading(running_percent=True)
        if any(token.value in ("dozen", "dozens") for token in window):
            yield Reading(dozen_is_label=True)
        if any(token.kind == "number" and _SEPARATED.search(token.value) for token in window):
            yield Reading(decimal_comma=True)

    def _best(self, outcomes: Sequence[tuple[Reading, Verdict, str]]) -> tuple[Verdict, str]:
        order: Sequence[Verdict] = ("supported", "qualified", "unverifiable", "contradicted")
        points = [(verdict, detail) for reading, verdict, detail in outcomes if not reading.decimal_comma]
        commas = [(verdict, detail) for reading, verdict, detail in outcomes if reading.decimal_comma]
        best = min(points or commas, key=lambda outcome: order.index(outcome[0]))
        if points and commas and best[0] == "contradicted" != commas[0][0]:
            return "unverifiable", f"{best[1]}; its numbers may also be written with decimal commas"
        return best

    def _left(self, reading: Reading) -> Side:
        """Return the longest left side that reaches the relation."""
        tried = 0
        reason = Unreadable("no expression")
        for start in range(self._low, self._mark):
            if not self._may_start(start):
                continue
            tried += 1
            if tried > _STARTS:
                break
            try:
                side = parse_side(self._tokens, start, self._mark, reading)
            except Uncomputable as uncomputable:
                reason = uncomputable
                continue
            except Unreadable:
                continue
            if side.end == self._mark:
                self._soft = self._soft_start(start)
                return side
        raise reason

    def _may_start(self, at: int) -> bool:
        token = self._tokens[at]
        before = self._tokens[at - 1] if at > self._low else None
        starts = token.kind in ("number", "open", "currency", "function", "percent") or token.value in PARTS
        if token.kind == "op" and token.value == "-":
            starts = before is None or before.kind == "other" or (before.kind == "word" and not token.tight)
            starts = starts and at + 1 < self._mark and self._tokens[at + 1].tight
        if not starts or before is None:
            return starts and not (at and self._tokens[at - 1].kind == "op")
        if before.kind == "op":
            dash = before.value == "-" and not before.tight and not token.tight and at - 2 >= self._low
            return dash and self._tokens[at - 2].kind == "word" and len(self._tokens[at - 2].value) > 1
        if before.kind == "other":
            digits = before.value == ":" and at - 2 >= self._low and self._tokens[at - 2].kind == "number"
            return not digits and before.value not in "~_@#&|^\\" and not before.value[0].isdigit()
        if before.kind == "word":
            return not (token.tight and before.value[-1].isascii())
        return before.kind == "open" or (token.kind == "function" and not token.tight)

    def _soft_start(self, at: int) -> bool:
        """Say whether what stands before a left side may belong to it."""
        if at == self._low:
            return False
        before = self._tokens[at - 1]
        if before.kind in ("op", "open"):
            return before.kind == "op"
        if before.value in ("of", "than"):
            earlier = [token.value for token in self._tokens[max(self._low, at - 4) : at - 1]]
            return before.value == "than" or bool(_OPEN_BEFORE & set(earlier))
        return before.value in _OPEN_BEFORE

    def _computed(self, left: Side, right: Side, relation: str) -> bool:
        """Say whether there is anything to compute: an operation, a conversion, or a step of a chain."""
        if left.operations:
            return True
        bare = relation in ("is", "<", ">", "<=", ">=", "!=")
        if right.operations:
            at_start = left.start == 0 or self._tokens[left.start - 1].value in _BORDERS
            chained = right.end < len(self._tokens) and self._tokens[right.end].kind == "relation"
            return not bare or (at_start and not chained)
        units = [unit for unit in (*left.units, *right.units) if unit and unit[-1].isalpha()]
        if not bare and self._unknown_units(left, right):
            return True
        if len(units) == 2 and left.units[0] and right.units[0]:
            return units[0] != units[1] or not bare
        return left.percent != right.percent and not bare and left.start == self._low

    def _unknown_units(self, left: Side, right: Side) -> bool:
        """Say whether two plain numbers have words behind them, of which one is no known unit."""
        if left.operations or right.operations or None not in (*left.units, *right.units):
            return False
        return all(self._tokens[side.end - 1].kind == "word" for side in (left, right))

    def _outcome(self, left: Side, right: Side, sign: str, reading: Reading) -> tuple[Verdict, str]:
        moneys = {unit for unit in (*left.units, *right.units) if unit and not unit[-1].isalpha()}
        units = {unit for unit in (*left.units, *right.units) if unit and unit[-1].isalpha()}
        if len(moneys) > 1:
            return "unverifiable", f"{' and '.join(sorted(moneys))} are different currencies"
        if self._unknown_units(left, right) and (left.value != right.value or units):
            return "unverifiable", "units that are not known"
        if len(units) > 1 and None in (*left.units, *right.units) and self._only_adds(left, right):
            return "unverifiable", f"{' and '.join(sorted(units))} are added up to a number without a unit"
        if len(units) > 1 and (converted := self._converted(left, right, sign, units, reading)):
            return converted
        remainder = _REMAINDER.match(self._text[self._ends(right) : self._ends(right) + 60])
        if remainder and sign == "=":
            self._through = self._ends(right) + remainder.end()
            return self._with_remainder(left, right, int(remainder[1] or remainder[2]), reading)
        verdict, detail = compare(left, right, sign)
        if verdict == "contradicted" and sign == "=" and self._unit_explains(left, right, units):
            return "unverifiable", f"{detail}; the units differ"
        if verdict == "contradicted" and sign == "=" and right.operations and self._run_on(left, right, reading):
            return "qualified", f"{detail}; the chain goes on from {shown(left.value)} and is no equality"
        return self._in_doubles(left, right, sign, verdict, detail)

    def _in_doubles(self, left: Side, right: Side, sign: str, verdict: Verdict, detail: str) -> tuple[Verdict, str]:
        """Qualify what is true of exact decimals or of a program's numbers only: 1.1 + 2.2 is 3.3 in the former."""
        sides = (self._text[self._tokens[side.start].start : self._ends(side)] for side in (left, right))
        holds = holds_in_doubles(next(sides), sign, next(sides))
        mark = self._tokens[self._mark]
        if verdict == "contradicted" and holds:
            return "qualified", f"{detail}; it holds in binary floating point only"
        if verdict == "supported" and holds is False and self._text[mark.start : mark.end] == "==":
            return "qualified", f"{detail}; it does not hold in binary floating point"
        return verdict, detail

    def _converted(
        self, left: Side, right: Side, sign: str, units: set[str], reading: Reading
    ) -> tuple[Verdict, str] | None:
        """Compare sums of quantities in base units; None where numbers are multiplied or have no unit."""
        if None in left.units or None in right.units or not self._only_adds(left, right):
            return None
        if len({dimension(unit) for unit in units}) > 1:
            certain = sign == "=" and not left.operations and not right.operations and _certain_mismatch(units)
            names = " and ".join(sorted(units))
            certain = certain and self._tokens[self._mark].value == "="
            return ("contradicted" if certain else "unverifiable"), f"{names} do not convert into each other"
        base = replace(reading, base_units=True)
        left = parse_side(self._tokens, left.start, self._mark, base)
        right = parse_side(self._tokens, right.start, self._high, base)
        if _SCALE_WORDS.search(self._text[max(0, self._tokens[left.start].start - _CONTEXT) : self._ends(right) + 80]):
            return "unverifiable", "a scale is no conversion"
        verdict, detail = compare(left, right, sign)
        return verdict, f"{detail} in base units"

    def _only_adds(self, left: Side, right: Side) -> bool:
        """Say whether all operations of two sides are sums; the slash of km/h is none."""
        found = range(left.start, right.end)
        between = [at for at in found if self._tokens[at].kind in ("op", "open", "power") and not self._in_unit(at)]
        return all(self._tokens[at].value in ("+", "-") for at in between)

    def _in_unit(self, at: int) -> bool:
        words = self._tokens[at - 1].kind == self._tokens[at + 1].kind == "word" if 0 < at < self._high - 1 else False
        return words and self._tokens[at].value == "/" and self._tokens[at].tight and self._tokens[at + 1].tight

    def _unit_explains(self, left: Side, right: Side, units: set[str]) -> bool:
        """Say whether two values differ by a conversion between the units they are printed with."""
        if not left.value or not right.value:
            return False
        ratio = left.value / right.value
        span = self._text[self._tokens[left.start].start : self._ends(right) + 12]
        factors = [Fraction(100)] if _SMALL_MONEY.search(span) else []
        rates = [rate for one in units for other in units if one != other and (rate := factor(one, other))]
        return any(abs(ratio * rate - 1) < 0.01 or abs(ratio / rate - 1) < 0.01 for rate in (*factors, *rates))

    def _run_on(self, left: Side, right: Side, reading: Reading) -> bool:
        """Say whether a right side only begins with the left value, as in 3 + 5 = 8 * 2."""
        for end in range(right.start + 1, right.end):
            if self._tokens[end].kind in ("op", "open"):
                try:
                    first = parse_side(self._tokens, right.start, end, reading)
                except Unreadable:
                    return False
                return first.value == left.value and not first.operations
        return False

    def _with_remainder(self, left: Side, right: Side, rest: int, reading: Reading) -> tuple[Verdict, str]:
        signs = [i for i in range(left.start, left.end) if self._tokens[i].kind == "op"]
        if len(signs) != 1 or self._tokens[signs[0]].value != "/":
            return "unverifiable", "a remainder of something that is no single division"
        top = parse_side(self._tokens, left.start, signs[0], reading).value
        bottom = parse_side(self._tokens, signs[0] + 1, left.end, reading).value
        if bottom <= 0:
            return "unverifiable", "a remainder of a division by no positive number"
        detail = f"computed {top // bottom} remainder {shown(top % bottom)}"
        return ("supported" if top // bottom == right.value and top % bottom == rest else "contradicted"), detail

    def _ends(self, side: Side) -> int:
        return self._tokens[side.end - 1].end

    def _in_context(self, left: Side, right: Side, verdict: Verdict, detail: str) -> tuple[Verdict, str]:
        """Take back what the words around a statement make uncertain."""
        start, end = self._tokens[left.start].start, self._ends(right)
        before, after = self._text[max(0, start - _CONTEXT) : start], self._text[end : end + _CONTEXT]
        before = re.split(r"[.!?。！？;；\n](?:\s|$)|\n", before)[-1]
        number = max(i for i in range(right.start, right.end) if i == right.start or self._tokens[i].kind != "word")
        named = self._text[self._tokens[number].end : end + _CONTEXT]
        if _DENIED_BEFORE.search(before) or _DENIED_AFTER.match(after) or _DENIED_AFTER.match(named):
            return "unverifiable", f"{detail}; the text speaks about the statement"
        if verdict != "contradicted":
            return verdict, detail
        if _OTHER_NUMBERS.search(before):
            return "unverifiable", f"{detail}; the numbers may be meant in another manner"
        if self._is_range(left):
            return "unverifiable", f"{detail}; it may be a range or a number with a dash"
        sentence = re.match(r"[^.!?。！？\n]*(?:\.(?=\d)[^.!?。！？\n]*)*", after)
        closing = after[sentence.end() : sentence.end() + 1] if sentence else ""
        word = self._tokens[self._mark].value != "=" or self._text[self._tokens[self._mark].start].isalpha()
        tight = all(self._tokens[i].tight for i in range(left.start, left.end) if self._tokens[i].kind == "op") and {
            t.value for t in self._tokens[left.start : left.end] if t.kind == "op"
        } <= {"-", "/"}
        symbols = [self._text[t.start] for t in self._tokens[left.start : left.end] if t.kind == "op"]
        tight = tight and len(symbols) == left.operations > 0 and not any(symbol.isalpha() for symbol in symbols)
        if closing in ("?", "？") or _HYPOTHETICAL.search(before):
            return "unverifiable", f"{detail}; the text does not assert it"
        if self._soft or (word and (tight or _RELATIVE_AFTER.match(after))):
            return "unverifiable", f"{detail}; the words around may change the meaning"
        return verdict, detail

    def _is_range(self, left: Side) -> bool:
        """Say whether a left side may be a range or a telephone number: two whole numbers with a tight dash."""
        found = self._tokens[left.start : left.end]
        if [token.kind for token in found[:3]] != ["number", "op", "number"] or left.operations != 1:
            return False
        one, sign, other = found[:3]
        whole = one.value.isdecimal() and other.value.isdecimal()
        if not whole or sign.value != "-" or not (sign.tight and other.tight):
            return False
        return left.value < 0 or one.value.startswith("0") or other.value.startswith("0")

    def _made(self, start: int, end: int, verdict: Verdict, detail: str, *, units: bool = False) -> Computation:
        first, last = self._tokens[start].start, max(self._tokens[end - 1].end, self._through)
        text = self._text[first:last]
        return Computation(
            kind="unit" if units else "arithmetic", verdict=verdict, start=first, end=last, text=text, computed=detail
        )


def _certain_mismatch(units: set[str]) -> bool:
    """Say whether no usual manner of speaking equates two dimensions: a litre of water is a kilogram."""
    spoken = ({"[mass]^1", "[length]^3"}, {"[length]^1", "[time]^1"})
    return {dimension(unit) for unit in units} not in spoken
