"""Measure the memory of corrections: the time of a look-up, whether old ones hold, false applications."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agent.domain.base import Fact
from agent.memory.corrections.facts import Applied, Situation
from agent.memory.corrections.store import Corrections
from agent.verification.remembered import open_corrections

FIRST = "the height of the north tower of Chartres cathedral"
FIRST_AGAIN = ("How about the height of Chartres cathedral's north tower", "north tower of Chartres cathedral, height")
FIRST_VALUE = "113 m, not 105 m"

_SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fil",
    "gor",
    "han",
    "jo",
    "kel",
    "lum",
    "mar",
    "nor",
    "pol",
    "rin",
    "sta",
    "tov",
    "vel",
)
_CJK_SYLLABLES = "安博昌东丰广海华吉嘉金康兰利林龙宁平庆瑞山顺泰通旺兴永云泽正"
_PROPERTIES = (
    *("height", "length", "opening year", "head office", "number of employees", "founder", "annual revenue", "area"),
    *("first director", "maximum speed", "fuel consumption", "melting point", "postal code", "main language"),
)
_THINGS = ("bridge", "river", "company", "museum", "engine", "library", "harbour", "observatory", "school", "alloy")
_HOW = ("in the annual report", "in the summary", "for {year}", "according to the survey of {year}", "today", "")
_VERBS = ("round", "sort", "translate", "check", "print", "convert", "list", "name", "compare", "date")
_OBJECTS = ("tables", "figures", "file names", "invoices", "addresses", "test results", "units", "headings", "prices")
_CJK_PROPERTIES = (
    "高度",
    "长度",
    "成立年份",
    "总部所在地",
    "员工人数",
    "创始人",
    "年度收入",
    "占地面积",
    "最高时速",
    "邮政编码",
)
_CJK_THINGS = ("大桥", "公司", "博物馆", "图书馆", "港口", "天文台", "中学", "发动机")
_CJK_HOW = ("", "在{year}年", "按照年度报告", "根据{year}年调查")
_UNRELATED = (
    "Bake the {name} bread for {number} minutes before the guests arrive",
    "Who sang the second song at the {name} concert last night",
    "The {name} cat slept under the kitchen stairs for {number} hours",
    "Water the tomatoes behind {name}'s shed every {number} days",
    "Which chess opening did {name} choose against {other}",
    "请在{number}点以前给{cjk}老师打电话",
    "{cjk}昨晚梦见雪地里跑过一只狐狸",
    "番茄炒蛋要放{number}克盐吗",
)


class CorrectionsMeasured(Fact):
    """What was found.

    Attributes:
        entries: corrections kept; ``widened`` and ``narrowed`` tell what adding them did to others.
        add_ms: mean milliseconds to add one.
        size: of the file in bytes.
        p50_ms, p95_ms, most_ms: of a look-up, over all situations that were looked up.
        cpu_p95_ms, cpu_most_ms: the same in CPU time, which other work on the machine does not lengthen.
        first: whether the first correction still comes first, in its own words and in others.
        kept: of ``asked`` corrections that were said, those that come first in their own words.
        unrelated: situations of other subjects; ``false_unrelated`` of them got a correction.
        swapped: a correction's words with a name that none has; ``false_swapped`` of them got a correction.
        examples: some of the false ones.
    """

    entries: int
    widened: int
    narrowed: int
    add_ms: float
    size: int
    lookups: int
    p50_ms: float
    p95_ms: float
    most_ms: float
    cpu_p95_ms: float
    cpu_most_ms: float
    first: bool
    asked: int
    kept: int
    unrelated: int
    false_unrelated: int
    swapped: int
    false_swapped: int
    examples: tuple[str, ...]


class Said(NamedTuple):
    """A generated correction, and its situation with a name that no correction has in the place of its own."""

    text: str
    value: str
    swapped: str


def generated(count: int, seed: int) -> list[Said]:
    """Return different corrections of claims and of behaviour, two thirds English and one third Chinese."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    said: dict[str, Said] = {}
    while len(said) < count:
        year = chance.randint(1900, 2025)
        value = f"{chance.randint(1, 99_999)} ({year})"
        form = chance.randrange(6)
        if form < 3:
            how = chance.choice(_HOW).format(year=year)
            words = f"the {chance.choice(_PROPERTIES)} of the {{}} {chance.choice(_THINGS)} {how}".strip()
            name, other = _name(chance), "Quxley"
        elif form == 3:
            words = (
                f"{chance.choice(_VERBS)} the {chance.choice(_OBJECTS)} of {{}} {chance.choice(_HOW).format(year=year)}"
            )
            name, other = f"{_name(chance)} {chance.choice(_THINGS)}", "Quxley archive"
        else:
            how = chance.choice(_CJK_HOW).format(year=year)
            words = f"{how}{{}}{chance.choice(_CJK_THINGS)}的{chance.choice(_CJK_PROPERTIES)}是多少"
            name, other = "".join(chance.sample(_CJK_SYLLABLES, 3)), "鲲鹏"
        text = words.format(name)
        said.setdefault(text, Said(text, value, words.format(other)))
    return list(said.values())


def unrelated(count: int, seed: int) -> Iterator[str]:
    """Yield situations of subjects that no generated correction has, with names and numbers that some have."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for turn in range(count):
        yield _UNRELATED[turn % len(_UNRELATED)].format(
            name=_name(chance),
            other=_name(chance),
            cjk="".join(chance.sample(_CJK_SYLLABLES, 2)),
            number=chance.randint(2, 99),
        )


def measure_corrections(
    entries: int, *, strangers: int = 1_000, asked: int = 1_000, seed: int = 7
) -> CorrectionsMeasured:
    """Keep corrections, then look up the first, known ones, unrelated situations, and ones with another name.

    Args:
        entries: corrections to add.
        strangers: unrelated situations, and as many with another name.
        asked: known situations to look up.
        seed: of everything that is generated.
    """
    said = [Said(FIRST, FIRST_VALUE, ""), *generated(entries - 1, seed)]
    with tempfile.TemporaryDirectory() as folder, open_corrections(Path(folder), {}) as memory:
        begin = time.perf_counter()
        added = [memory.add(Situation(text=one.text), one.value) for one in said]
        add_ms = (time.perf_counter() - begin) * 1000 / entries
        timed = _Timed(memory)
        first = [timed.values(text)[:1] == [FIRST_VALUE] for text in (FIRST, *FIRST_AGAIN)]
        chosen = random.Random(seed + 1).sample(said, min(asked, len(said)))  # noqa: S311 - repeatable, not secret
        last = {frozenset(one.text.split()): one.value for one in said}
        kept = sum(timed.values(one.text)[:1] == [last[frozenset(one.text.split())]] for one in chosen)
        strange = list(unrelated(strangers, seed + 2))
        falsely = [f"{text} <- {found[0].note}" for text in strange if (found := timed.applied(text))]
        others = [one.swapped for one in said[1 : strangers + 1]]
        mistaken = [f"{text} <- {found[0].note}" for text in others if (found := timed.applied(text))]
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        count = len(memory.all())
    return CorrectionsMeasured(
        entries=count,
        widened=sum(one.widened for one in added),
        narrowed=sum(len(one.narrowed) for one in added),
        add_ms=add_ms,
        size=size,
        lookups=len(timed.milliseconds),
        p50_ms=statistics.median(timed.milliseconds),
        p95_ms=sorted(timed.milliseconds)[int(0.95 * len(timed.milliseconds))],
        most_ms=max(timed.milliseconds),
        cpu_p95_ms=sorted(timed.cpu_milliseconds)[int(0.95 * len(timed.cpu_milliseconds))],
        cpu_most_ms=max(timed.cpu_milliseconds),
        first=all(first),
        asked=len(chosen),
        kept=kept,
        unrelated=len(strange),
        false_unrelated=len(falsely),
        swapped=len(others),
        false_swapped=len(mistaken),
        examples=(*falsely[:3], *mistaken[:3]),
    )


class _Timed:
    def __init__(self, memory: Corrections) -> None:
        self._memory = memory
        self.milliseconds: list[float] = []
        self.cpu_milliseconds: list[float] = []

    def applied(self, text: str) -> Sequence[Applied]:
        begin, cpu = time.perf_counter(), time.process_time()
        found = self._memory.applicable(Situation(text=text))
        self.cpu_milliseconds.append((time.process_time() - cpu) * 1000)
        self.milliseconds.append((time.perf_counter() - begin) * 1000)
        return found

    def values(self, text: str) -> list[str]:
        return [one.correction.value for one in self.applied(text)]


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
