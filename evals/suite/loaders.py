"""Reads published question sets from files that the user has: as they are distributed, or one JSON object a line.

The sets themselves are not part of the product. A loader makes one sample of each row; a row that is none is told with
its number.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from agent.domain.asking import AskMode, Choice
from agent.domain.errors import UsageError
from agent.domain.task import AskOrder
from evals.scorers.forms import Checks, Chosen, Contains, Exact, Normalised, Numeric, Scorer, TokenF1
from evals.suite.definition import Suite, SuiteFile
from evals.suite.sample import Sample, TaskFields

Row = Mapping[str, Any]

_LARGEST: Final = 500_000_000
_LABELS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


def _hotpotqa(row: Row) -> dict[str, Any]:
    """HotpotQA (arXiv 1809.09600): ``_id``, ``question``, ``answer``, ``type``, ``level``, ``context``."""
    tags = [str(row[name]) for name in ("type", "level") if row.get(name)]
    return {"id": row.get("_id") or row.get("id"), "goal": row["question"], "gold": row["answer"], "tags": tags}


def _strategyqa(row: Row) -> dict[str, Any]:
    """StrategyQA (arXiv 2101.02235): ``qid``, ``question``, ``answer`` true or false, or yes or no."""
    answer = row["answer"]
    gold = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
    return {"id": row.get("qid") or row.get("id"), "goal": row["question"], "gold": gold}


def _gsm8k(row: Row) -> dict[str, Any]:
    """GSM8K (arXiv 2110.14168): ``question``, ``answer``, whose number stands after ``####``."""
    answer = str(row["answer"])
    return {"id": row.get("id"), "goal": row["question"], "gold": answer.rpartition("####")[2].strip().replace(",", "")}


def _mmlu_pro(row: Row) -> dict[str, Any]:
    """MMLU-Pro (arXiv 2406.01574): ``question_id``, ``question``, ``options``, ``answer`` as a label, ``category``."""
    choices = [{"label": _LABELS[n], "text": text} for n, text in enumerate(row["options"]) if text != "N/A"]
    tags = [str(row["category"])] if row.get("category") else []
    return {"id": row["question_id"], "goal": row["question"], "gold": row["answer"], "choices": choices, "tags": tags}


def _gaia(row: Row) -> dict[str, Any]:
    """GAIA (arXiv 2311.12983): ``task_id``, ``Question``, ``Level``, ``Final answer``, ``file_name``."""
    name = str(row.get("file_name") or "")
    return {
        "id": row["task_id"],
        "goal": row["Question"],
        "gold": row["Final answer"],
        "files": {name: name} if name else {},
        "tags": [f"level {row['Level']}"] if row.get("Level") else [],
    }


def _frames(row: Row) -> dict[str, Any]:
    """FRAMES (arXiv 2409.12941): ``Prompt``, ``Answer``, ``reasoning_types``."""
    kinds = [kind.strip() for kind in str(row.get("reasoning_types") or "").split("|") if kind.strip()]
    return {"id": row.get("id"), "goal": row["Prompt"], "gold": row["Answer"], "tags": kinds}


def _questions(row: Row) -> dict[str, Any]:
    """Any set with ``question``, ``answer``, and where needed ``choices`` and the ``context`` it is asked about."""
    context = f"{row['context']}\n" if row.get("context") else ""
    choices = [{"label": one["label"], "text": one["text"]} for one in row.get("choices") or ()]
    goal = f"{context}{row['question']}"
    return {"id": row.get("id"), "goal": goal, "gold": row["answer"], "choices": choices}


def _tasks(row: Row) -> dict[str, Any]:
    """Tasks without answers: ``task`` and ``category``; whether the report is verified is all that can be scored."""
    return {"id": row["id"], "goal": row["task"], "tags": [row["category"]] if row.get("category") else []}


LOADERS: Final[Mapping[str, tuple[Callable[[Row], dict[str, Any]], tuple[Scorer, ...]]]] = {
    "hotpotqa": (_hotpotqa, (Normalised(), TokenF1(required=False))),
    "strategyqa": (_strategyqa, (Normalised(),)),
    "gsm8k": (_gsm8k, (Numeric(),)),
    "mmlu_pro": (_mmlu_pro, (Chosen(),)),
    "gaia": (_gaia, (Normalised(),)),
    "frames": (_frames, (Contains(),)),
    "choices": (_questions, (Chosen(),)),
    "questions": (_questions, (Normalised(),)),
    "exact": (_questions, (Exact(),)),
    "tasks": (_tasks, (Checks(required=False),)),
}
"""By name, what makes the fields of a sample of a row, and how such samples are scored."""


def is_loaded(place: str) -> bool:
    """Whether a suite is named as ``LOADER@FILE``, or ``LOADER+MODE@FILE`` to ask it in one way."""
    return place.partition("@")[0].partition("+")[0] in LOADERS and "@" in place


def load_suite(place: str) -> Suite:
    """Return the suite that a loader makes of a file.

    Args:
        place: ``LOADER@FILE``; with ``LOADER+MODE@FILE`` each question is put to the model in that way alone.

    Raises:
        UsageError: the file cannot be read, a row is no sample, or there is no such way to ask.
    """
    named, _, path_text = place.partition("@")
    name, _, mode = named.partition("+")
    make, scorers = LOADERS[name]
    path = Path(path_text)
    data = _bytes(path)
    samples = tuple(_samples(path.name, data, make))
    if not samples:
        raise UsageError(f"{path.name} has no rows")
    digest = hashlib.sha256(f"{name}+{mode}\0".encode() + data).hexdigest()
    file = SuiteFile(
        name=f"{name}-{_UNFIT.sub('-', path.stem)}"[:64] if path.stem != name else name,
        version=digest[:8],
        description=f"{path.name}, read as {name}{f', asked as {mode}' if mode else ''}",
        samples=(path.name,),
        task=TaskFields(ask=_order(mode)) if mode else TaskFields(),
        scorers=scorers,
    )
    return Suite(file=file, folder=path.parent, samples=samples, digest=digest)


def _order(mode: str) -> AskOrder:
    known: dict[str, AskMode] = {"direct": "direct", "cot": "cot", "cok": "cok", "cok+f2": "cok+f2"}
    if mode not in known:
        raise UsageError(f"there is no way to ask {mode!r}; there are {', '.join(known)}")
    return AskOrder(mode=known[mode])


def _samples(file: str, data: bytes, make: Callable[[Row], dict[str, Any]]) -> Iterator[Sample]:
    seen: dict[str, str] = {}
    for number, (place, row) in enumerate(_rows(file, data), 1):
        try:
            if not isinstance(row, dict):
                raise TypeError("it is no object")
            fields = make(row)
            fields["id"] = _UNFIT.sub("-", str(fields.get("id") or f"row-{number}")).strip("-.")[:64] or f"row-{number}"
            fields["choices"] = [Choice.model_validate(one) for one in fields.get("choices", ())]
            sample = Sample.model_validate(fields)
        except (KeyError, TypeError, IndexError) as error:
            missing = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"{place}: it is no row of this set: {missing}") from error
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise UsageError(f"{place}: {where}: {problem['msg']}") from error
        if sample.id in seen:
            raise UsageError(f"{place}: the id {sample.id!r} was given before, at {seen[sample.id]}")
        seen[sample.id] = place
        yield sample


def _rows(file: str, data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield rows of a JSON array, of an object of ``data``, or of lines, each with its place."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not in UTF-8") from error
    if text.lstrip()[:1] == "[":
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file} is no JSON: {error}") from error
        yield from ((f"{file}, row {number}", row) for number, row in enumerate(rows, 1))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{file}, line {number}"
            try:
                yield place, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"{place}: it is no JSON: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} has more than {_LARGEST:,} bytes; give a part of it")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
