"""Reads suites from folders; what is wrong is told with file and line."""

import importlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from agent.domain.errors import UsageError
from agent.domain.task import workspace_path
from evals.suite.definition import Suite, SuiteFile, digest_of
from evals.suite.examples import examples_of, judges_of
from evals.suite.loaders import is_loaded, load_suite
from evals.suite.sample import Sample

SHIPPED: Final = Path(__file__).parents[1] / "suites"
"""Folder of the suites that come with the product."""

MOST_BYTES: Final = 200_000_000
"""Of a suite's files together."""

_SAMPLES: TypeAdapter[tuple[Sample, ...]] = TypeAdapter(tuple[Sample, ...])


def suite_named(name: str) -> Suite:
    """Return a suite: a shipped one by its name, that of a folder, or what a loader makes of a file.

    Raises:
        UsageError: there is none, or something in it is wrong.
    """
    return load_suite(name) if is_loaded(name) else read_suite(find_suite(name))


def find_suite(name: str) -> Path:
    """Return the folder of a suite: one that is shipped, by its name, or else a folder by its path.

    Raises:
        UsageError: there is neither.
    """
    for folder in (SHIPPED / name, Path(name)):
        if (folder / "suite.yaml").is_file():
            return folder
    raise UsageError(
        f"there is no suite {name!r}; shipped are {', '.join(shipped())}, or give a folder with suite.yaml"
    )


def shipped() -> tuple[str, ...]:
    """Return the names of the suites that come with the product."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/suite.yaml")))


def read_suite(folder: Path) -> Suite:
    """Return the suite of a folder.

    Raises:
        UsageError: something in it is wrong; names file and line.
    """
    file = _suite_file(folder / "suite.yaml")
    samples = tuple(_all_samples(folder, file))
    if not samples:
        raise UsageError(f"the suite {file.name} has no samples; add a line to {file.samples[0]}")
    contents = dict(_contents(folder, file, samples))
    suite = Suite(file=file, folder=folder, samples=samples, digest=digest_of(file, samples, contents))
    for judge in judges_of(suite):
        if judge.agreement is not None:
            examples_of(suite, judge)
    return suite


def _suite_file(path: Path) -> SuiteFile:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    try:
        return SuiteFile.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{path}: {_first(error)}") from error


def _all_samples(folder: Path, file: SuiteFile) -> Iterator[Sample]:
    places: dict[str, str] = {}
    for source in file.samples:
        for place, sample in _of_function(source) if _names_function(source) else _of_file(folder, source):
            if sample.id in places:
                raise UsageError(f"{place}: the id {sample.id!r} was given before, at {places[sample.id]}")
            places[sample.id] = place
            if not sample.gold and not sample.refuse and _needs_gold(file, sample):
                raise UsageError(f"{place}: a scorer compares the answer, but the sample has no gold")
            if sample.setup is not None and not _has_workspace(file, sample):
                raise UsageError(f"{place}: setup needs a workspace; what is asked, browsed, checked or built has none")
            yield sample


def _names_function(source: str) -> bool:
    return ":" in source and not source.endswith(".jsonl")


def _of_file(folder: Path, source: str) -> Iterator[tuple[str, Sample]]:
    path = _inside(folder, source, "samples")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8") from error
    # other characters that end a line in Unicode may stand inside a JSON string
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{source}, line {number}"
            yield place, _sample(place, line)


def _sample(place: str, line: str) -> Sample:
    try:
        values: Any = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: it is no JSON: {error}") from error
    try:
        return Sample.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{place}: {_first(error)}") from error


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _of_function(source: str) -> Iterator[tuple[str, Sample]]:
    module, _, name = source.partition(":")
    try:
        made: Iterable[object] = getattr(importlib.import_module(module), name)()
        samples = _SAMPLES.validate_python(tuple(made))
    except (ImportError, AttributeError, TypeError) as error:
        raise UsageError(f"samples: there is no function {source!r} that can be called: {error}") from error
    except ValidationError as error:
        raise UsageError(f"{source}: {_first(error)}") from error
    for number, sample in enumerate(samples, 1):
        yield f"{source}, sample {number}", sample


def _has_workspace(file: SuiteFile, sample: Sample) -> bool:
    return not sample.text and not any(one.ask or one.browse or one.build for one in (sample.task, file.task))


def _hidden_files(file: SuiteFile, sample: Sample) -> dict[str, str]:
    """Return the files that only checks of a sample are given, as ``files`` of a sample has them."""
    scorers = file.scorers if sample.scorers is None else sample.scorers
    return {path: place for scorer in scorers if scorer.kind == "program" for path, place in scorer.files.items()}


def _needs_gold(file: SuiteFile, sample: Sample) -> bool:
    compared = {"exact", "normalised", "contains", "numeric", "choice", "f1", "rouge_l"}
    return any(scorer.kind in compared for scorer in sample.scorers or file.scorers)


def _contents(folder: Path, file: SuiteFile, samples: Iterable[Sample]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that samples name and the documents of their corpora, each once."""
    read: set[str] = set()
    size = 0
    for sample in samples:
        hidden = _hidden_files(file, sample)
        for target in (*sample.named_files, *hidden):
            try:
                workspace_path(target)
            except ValueError as error:
                raise UsageError(f"sample {sample.id}: {error}") from error
        for named in (*sample.named_files.values(), *hidden.values(), sample.task.corpus or file.task.corpus or ""):
            if not named or named in read:
                continue
            read.add(named)
            for path in _files_at(_inside(folder, named, f"sample {sample.id}"), sample.id):
                data = path.read_bytes()
                size += len(data)
                if size > MOST_BYTES:
                    raise UsageError(f"the files of the suite have more than {MOST_BYTES:,} bytes; take some out")
                yield path.relative_to(folder.resolve()).as_posix(), data


def _files_at(path: Path, sample: str) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file())
    raise UsageError(f"sample {sample}: {path} is missing; add it or correct its name")


def _inside(folder: Path, name: str, whose: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UsageError(f"{whose}: {name!r} leaves the suite's folder; name files inside of it")
    return path


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
