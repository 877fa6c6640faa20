"""How well checks of data files tell good ones from those with a planted defect.

``python -m evals.benchmarks.data_files`` prints a table for each check. The defects are edits of the files' bytes, made
without the mutations that the checks' controls use.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Relation, Scenario
from agent.verification.artefacts.data_file import DataFileWorld
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import BuildFailed

Asked = tuple[str, str, Mapping[str, Any], Relation, float]
"""Scenario, measure, parameters, relation and threshold."""


@dataclass(frozen=True)
class Case:
    """A good data file with what is asked of it.

    Attributes:
        others: names of cases whose files it refers to.
        asked: what it must do.
        defects: for each, what of the text is replaced by what (once), and the scenario that is meant to find it;
            ``reading`` where the file itself is broken.
    """

    text: str
    asked: Sequence[Asked]
    defects: Sequence[tuple[str, str, str]]
    others: Sequence[str] = ()


def _none(scenario: str, measure: str, **parameters: Any) -> Asked:
    return scenario, measure, parameters, "==", 0


CASES: Mapping[str, Case] = {
    "people.csv": Case(
        "id,name,age,city,joined\n"
        'p1,Ada Lovelace,36,c1,2024-01-03\np2,Grace Hopper,85,c2,2024-02-29\np3,"Turing, Alan",41,c1,2024-03-01\n'
        "p4,Emmy Noether,53,c3,2025-07-14\np5,Kurt Gödel,71,c2,2025-07-15\np6,Hypatia,45,c3,2026-01-01\n",
        [
            _none("columns", "missing", columns=["id", "name", "age", "city", "joined"]),
            _none("columns", "extra", columns=["id", "name", "age", "city", "joined"]),
            _none("types", "wrong_cells", types={"age": "integer", "joined": "date"}),
            _none("filled", "blank_cells", columns=["id", "name", "age"]),
            _none("within", "outside", column="age", least=0, greatest=120),
            ("rows", "rows", {}, "==", 6),
            _none("unique", "duplicates", columns=["id"]),
            _none("refers", "dangling", column="city", to_column="id", to_file="cities.csv"),
            _none("matches", "unmatched", column="id", pattern="p[0-9]+"),
        ],
        [
            ("id,name,age", "id,nome,age", "columns"),
            ("id,name,age", "id,,age", "reading"),
            (",36,", ",thirty-six,", "types"),
            ("2024-02-29", "2025-02-29", "types"),
            (",36,", ",36.5,", "types"),
            ("Hypatia", " ", "filled"),
            (",85,", ",850,", "within"),
            (",85,", ",-85,", "within"),
            ("p6,Hypatia,45,c3,2026-01-01\n", "", "rows"),
            ("p6,", "p5,", "unique"),
            (",c1,2024-01-03", ",c9,2024-01-03", "refers"),
            ("p4,", "4p,", "matches"),
            ("p4,", "p4,,", "reading"),
            ('"Turing, Alan"', "Turing, Alan", "reading"),
        ],
        others=["cities.csv"],
    ),
    "cities.csv": Case(
        "id,city,inhabitants\nc1,London,8900000\nc2,Wien,2000000\nc3,Αθήνα,643000\n",
        [
            _none("unique", "duplicates", columns=["id"]),
            _none("unique", "duplicates", columns=["city"]),
            _none("types", "wrong_cells", types={"inhabitants": "integer"}),
            ("total", "total", {"column": "inhabitants"}, "==", 11_543_000),
        ],
        [
            ("c3,", "c1,", "unique"),
            ("Wien", "London", "unique"),
            ("2000000", "2e6", "types"),
            ("643000", "634000", "total"),
        ],
    ),
    "invoices.csv": Case(
        "number,net,tax,gross\n1001,100.00,19.00,119.00\n1002,0.10,0.20,0.30\n1003,50.00,9.50,59.50\n",
        [
            _none("adds_up", "rows_off", parts=["net", "tax"], total="gross"),
            ("total", "total", {"column": "gross"}, "==", 178.8),
            _none("sorted", "out_of_order", column="number", strict=True),
        ],
        [
            ("59.50", "59.60", "adds_up"),
            (",19.00,119.00", ",18.00,118.00", "total"),
            ("1003,", "1002,", "sorted"),
        ],
    ),
    "weather.tsv": Case(
        "day\tcelsius\n2026-01-01\t-3.5\n2026-01-02\t0\n2026-01-03\t1.25\n2026-01-10\t-12\n",
        [
            _none("sorted", "out_of_order", column="day", strict=True),
            _none("within", "outside", column="celsius", least=-60, greatest=60),
            _none("within", "outside", column="day", least="2026-01-01", greatest="2026-01-31"),
            _none("types", "wrong_cells", types={"day": "date", "celsius": "number"}),
        ],
        [
            ("2026-01-03", "2026-01-01", "sorted"),
            ("-12", "-120", "within"),
            ("2026-01-10", "2026-02-10", "within"),
            ("1.25", "1,25", "types"),
            ("1.25", "NaN", "types"),
            ("2026-01-02\t0", "2026-01-02 0", "reading"),
        ],
    ),
    "bookings.jsonl": Case(
        '{"id": 1, "from": "2026-03-01", "to": "2026-03-04", "guest": "Ada"}\n'
        '{"id": 2, "from": "2026-03-04", "to": "2026-03-04", "guest": "Alan"}\n'
        '{"id": 3, "from": "2026-03-05", "to": "2026-04-01", "guest": "Emmy"}\n',
        [
            _none("at_most", "rows_reversed", first="from", second="to"),
            _none("unique", "duplicates", columns=["id"]),
            _none("types", "wrong_cells", types={"id": "integer", "from": "date", "guest": "text"}),
            _none("filled", "blank_cells", columns=["guest"]),
        ],
        [
            ("2026-04-01", "2026-03-01", "at_most"),
            ('"id": 3', '"id": 2', "unique"),
            ('"id": 3', '"id": "3"', "types"),
            ('"Alan"', "null", "filled"),
            ('"Alan"}', '"Alan"', "reading"),
            ('"id": 2', '"id": 2, "id": 4', "reading"),
        ],
    ),
    "products.json": Case(
        '[{"sku": "AB-0001", "price": 9.99, "stocked": true}, {"sku": "AB-0002", "price": 0.5, "stocked": false},'
        ' {"sku": "CD-0001", "price": 120, "stocked": true}]',
        [
            _none("matches", "unmatched", column="sku", pattern="[A-Z]{2}-[0-9]{4}"),
            _none("types", "wrong_cells", types={"price": "number", "stocked": "boolean"}),
            _none("within", "outside", column="price", least=0, greatest=1000),
            _none("columns", "extra", columns=["sku", "price", "stocked"]),
            ("rows", "rows", {}, ">=", 3),
        ],
        [
            ("CD-0001", "CD-001", "matches"),
            ("false", '"no"', "types"),
            ("9.99", "-9.99", "within"),
            ("120", "NaN", "reading"),
            ('"price": 120', '"preis": 120', "columns"),
            (', {"sku": "AB-0002", "price": 0.5, "stocked": false}', "", "rows"),
        ],
    ),
    "parts.csv": Case(
        "part,within,kg\nchair,,4.5\nseat,chair,2\nleg,chair,2.5\nscrew,leg,0.05\n",
        [
            _none("refers", "dangling", column="within", to_column="part"),
            _none("unique", "duplicates", columns=["part"]),
            ("rows", "rows", {"where": {"within": "chair"}}, "==", 2),
        ],
        [
            ("screw,leg", "screw,lag", "refers"),
            ("screw,", "seat,", "unique"),
            ("seat,chair", "seat,leg", "rows"),
        ],
    ),
    "accounts.csv": Case(
        "account,owner,balance\n4711,Ada,1000.10\n4712,Alan,-20\n4713,Emmy,0\n",
        [
            _none("round_trip", "lossy_cells", columns=["account", "balance"]),
            _none("filled", "blank_cells", columns=["account", "owner", "balance"]),
        ],
        [
            ("4712", "04712", "round_trip"),
            ("-20", "-20.00000000000000000001", "round_trip"),
            ("4713,Emmy,0", "4713,Emmy,", "filled"),
        ],
    ),
    "votes.csv": Case(
        "district;party;votes\nnorth;red;300\nnorth;blue;200\nsouth;red;100\nsouth;blue;400\n",
        [
            ("total", "total", {"column": "votes"}, "==", 1000),
            _none("unique", "duplicates", columns=["district", "party"]),
            ("rows", "rows", {"where": {"party": "red"}}, "==", 2),
            _none("sorted", "out_of_order", column="district"),
        ],
        [
            ("400", "40O", "total"),
            ("south;blue", "south;red", "unique"),
            ("south;red", "south;green", "rows"),
            ("north;red", "outer;red", "sorted"),
        ],
    ),
    "学生.csv": Case(
        "学号,姓名,成绩\n1,王伟,90\n2,李娜,85.5\n3,张敏,100\n",
        [
            _none("types", "wrong_cells", types={"学号": "integer", "成绩": "number"}),
            _none("within", "outside", column="成绩", least=0, greatest=100),
            _none("filled", "blank_cells", columns=["姓名"]),
            _none("columns", "missing", columns=["学号", "姓名", "成绩"]),
        ],
        [
            ("85.5", "八十五", "types"),
            (",100", ",101", "within"),
            ("李娜", "\u3000", "filled"),
            ("成绩", "姓名", "reading"),
        ],
    ),
}


@dataclass
class Measured:
    """What came of all files.

    Attributes:
        good: for each scenario, how often its checks of good files came out how.
        defects: the same of the checks that are meant for a planted defect.
        refused: good files that were not accepted, with the reason.
        missed: planted defects with which a file was accepted all the same.
        files: how many good files, and how many with a defect, were tried.
    """

    good: Counter[tuple[str, str]] = field(default_factory=Counter)
    defects: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)


def dressed(name: str, text: str) -> Mapping[str, bytes]:
    """Return the bytes of a file in several ways that mean the same."""
    data = text.encode()
    ways = {"as it is": data, "with a byte order mark": b"\xef\xbb\xbf" + data, "in UTF-16": text.encode("utf-16")}
    if not name.endswith(".json"):
        ways["with Windows line ends"] = text.replace("\n", "\r\n").encode()
    return ways


def criteria_of(name: str, case: Case) -> Criteria:
    """Return the frozen criteria of a case, with the usual control for each."""
    world = DataFileWorld.of({})
    asked = tuple(
        Criterion(
            id=f"C{number}",
            wish=scenario,
            scenario=Scenario(name=scenario, parameters=parameters),
            measure=measure,
            relation=relation,
            threshold=threshold,
            tolerance=1e-9 if relation == "==" else 0,
        )
        for number, (scenario, measure, parameters, relation, threshold) in enumerate(case.asked, 1)
    )
    return freeze(world, completed(world, Criteria(wish=name, kind="data_file", criteria=asked))).criteria


async def measured() -> Measured:
    """Try all good files and all defects."""
    found = Measured()
    for name, case in CASES.items():
        criteria = criteria_of(name, case)
        for way, data in dressed(name, case.text).items():
            results, reasons = await _tried(name, case, data, criteria)
            found.files["good"] += 1
            found.good.update((result.criterion.scenario.name, result.outcome) for result in results)
            found.good["reading", "fail" if reasons and not results else "pass"] += 1
            if reasons:
                found.refused.append(f"{name} {way}: {reasons[0]}")
        for old, new, meant in case.defects:
            if case.text.count(old) < 1:
                raise ValueError(f"{name} has no {old!r}")
            results, reasons = await _tried(name, case, case.text.replace(old, new, 1).encode(), criteria)
            found.files["with a defect"] += 1
            outcomes: set[str] = {result.outcome for result in results if result.criterion.scenario.name == meant}
            if meant == "reading":
                outcomes = {"fail" if reasons and not results else "pass"}
            found.defects[meant, _worst(outcomes)] += 1
            if not reasons:
                found.missed.append(f"{name}: {old!r} for {new!r}")
    return found


async def _tried(
    name: str, case: Case, data: bytes, criteria: Criteria
) -> tuple[tuple[CriterionResult, ...], tuple[str, ...]]:
    """Return the results and why the file is not accepted. One that is broken as such is not tried out."""
    files = {name: data, **{other: CASES[other].text.encode() for other in case.others}}
    world = DataFileWorld.of(files)
    try:
        build = await world.build("\n".join(files))
    except BuildFailed as error:
        return (), (str(error),)
    inspection = await world.inspect(build)
    if not inspection.sound:
        return (), inspection.problems
    results = await judged(world, build, criteria)
    return results, accepted(inspection, results, criteria=criteria).reasons


def _worst(outcomes: Set[str]) -> str:
    return next((outcome for outcome in ("fail", "inconclusive", "pass") if outcome in outcomes), "not tried")


def main() -> None:
    """Print the table."""
    found = asyncio.run(measured())
    grid = Grid("check", "good: pass", "fail", "open", "defect: fail", "open", "pass", "not tried")
    for scenario in sorted({key[0] for key in (*found.good, *found.defects)}):
        good = [found.good[scenario, outcome] for outcome in ("pass", "fail", "inconclusive")]
        bad = [found.defects[scenario, outcome] for outcome in ("fail", "inconclusive", "pass", "not tried")]
        grid.add_row(scenario, *map(str, (*good, *bad)))
    console = Console()
    console.print(grid)
    files, broken = found.files["good"], found.files["with a defect"]
    console.print(
        f"good files refused: {len(found.refused)} of {files}; defects caught: {broken - len(found.missed)} of {broken}"
    )
    for line in (*found.refused, *found.missed):
        console.print(line, markup=False)


if __name__ == "__main__":
    main()
