"""What a batch is to do, and the folder where that is written down."""

import fcntl
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, NamedTuple

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.errors import LedgerUnavailable, PlumblineError, UsageError
from agent.runtime.options import RunOptions
from evals.suite.definition import Suite
from evals.suite.sample import Sample

_ENDING: Final = "ended.json"
_ID: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")


class Failed(Fact):
    """A failed attempt that is to be corrected: which one, and the run that it was."""

    sample: str
    attempt: int = Field(ge=1)
    run_id: str


class Reflection(Fact):
    """That a batch corrects the failed attempts of another, made anew with a reflector's advice (arXiv 2406.01495).

    Attributes:
        batch: the other one.
        model: of the reflector; None for the verifier of the settings.
        rounds: how often an attempt is corrected at most; each round goes by what came of the one before.
        failed: what is corrected.
    """

    batch: str
    model: str | None = None
    rounds: int = Field(default=1, ge=1, le=9)
    failed: tuple[Failed, ...] = Field(min_length=1)


class BatchOrder(Fact):
    """What a batch does: enough to go on with it, and to refuse to when its suite is another one.

    Attributes:
        id: of the batch; its runs begin with it.
        suite: the suite's name, and ``place`` its folder as it was given.
        digest: of the suite.
        samples: ids of the samples, in order.
        attempts: tries of each.
        judge: model that judges, in place of those that the suite names.
        budget: of all runs and judges together; tokens, money, seconds and steps are added up over them.
        reflection: that the batch corrects failed attempts of another one, and how.
    """

    schema_version: Literal[1] = 1
    id: str
    suite: str
    version: str
    place: str
    digest: str
    options: RunOptions
    samples: tuple[str, ...] = Field(min_length=1)
    attempts: int = Field(ge=1, le=100)
    judge: str | None = None
    budget: Budget = Field(default_factory=lambda: Budget(steps=None))
    made_at: datetime
    reflection: Reflection | None = None


class Ending(Fact):
    """That nobody works on a batch any more, and why before its end; ``why`` is empty where it came to its end."""

    why: str = ""
    at: datetime


class Attempt(NamedTuple):
    """One try of one sample, and the run that it is."""

    sample: Sample
    number: int
    run_id: str


def attempts_of(order: BatchOrder, suite: Suite) -> tuple[Attempt, ...]:
    """Return the attempts of a batch: the first ones of all samples, then the second ones.

    Those of a batch that corrects others are told round by round; later rounds are begun where earlier ones fail.
    """
    by_id = {sample.id: sample for sample in suite.samples}
    places = {sample.id: number for number, sample in enumerate(suite.samples, 1)}
    if order.reflection is not None:
        return tuple(
            Attempt(by_id[one.sample], one.attempt, f"{order.id}-{places[one.sample]:05d}-{one.attempt:03d}-{turn}")
            for turn in range(1, order.reflection.rounds + 1)
            for one in order.reflection.failed
        )
    return tuple(
        Attempt(by_id[name], number, f"{order.id}-{places[name]:05d}-{number:03d}")
        for number in range(1, order.attempts + 1)
        for name in order.samples
    )


def new_order(
    suite: Suite,
    place: str,
    options: RunOptions,
    *,
    samples: tuple[str, ...],
    attempts: int,
    budget: Budget | None,
    name: str | None,
    judge: str | None = None,
    reflection: Reflection | None = None,
) -> BatchOrder:
    """Return the order of a new batch; ``place`` is how the suite was named.

    Raises:
        UsageError: its name cannot be used.
    """
    now = datetime.now(UTC)
    chosen = (
        name or f"{now:%y%m%d}-{suite.name.lower().replace('.', '-').replace('_', '-')[:20]}-{secrets.token_hex(3)}"
    )
    if not _ID.match(chosen):
        raise UsageError(f"a batch cannot be called {chosen!r}; use up to 40 small letters, digits and hyphens")
    values = {} if budget is None else {"budget": budget}
    return BatchOrder(
        id=chosen,
        suite=suite.name,
        version=suite.file.version,
        place=_lasting(place),
        digest=suite.digest,
        options=options,
        samples=samples,
        attempts=attempts,
        judge=judge,
        made_at=now,
        reflection=reflection,
        **values,
    )


def _lasting(place: str) -> str:
    """Return a suite's name so that it is found again from another folder."""
    loader, mark, path = place.partition("@")
    if mark:
        return f"{loader}@{Path(path).resolve()}"
    return str(Path(place).resolve()) if Path(place, "suite.yaml").is_file() else place


def batches_folder(home: Path) -> Path:
    """Return the folder of the orders of all batches."""
    return home / "batches"


class BatchFolder:
    """The folder of one batch. While it is open no other process can work on the batch: both would run everything.

    Raises:
        UsageError: another process works on it.
        LedgerUnavailable: it cannot be written.
    """

    def __init__(self, home: Path, batch: str) -> None:
        self.path = batches_folder(home) / batch
        with ExitStack() as resources:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                _lock(resources.enter_context((self.path / "lock").open("ab")))
            except BlockingIOError as error:
                raise UsageError(f"another process works on the batch {batch}; wait for it to end") from error
            except OSError as error:
                raise LedgerUnavailable(f"cannot write {self.path}: {error.strerror or error}") from error
            self._resources = resources.pop_all()

    def __enter__(self) -> "BatchFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the batch to others."""
        self._resources.close()

    @contextmanager
    def worked_on(self) -> Iterator[Callable[[str], None]]:
        """Note that work begins, and how it ends: what is raised, or the reason that the work gives to what it gets.

        A process that is killed leaves no note, which tells as much.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        why = "it was stopped by an error"

        def tell(reason: str) -> None:
            nonlocal why
            why = reason

        try:
            (self.path / _ENDING).unlink(missing_ok=True)
        except OSError as error:
            raise LedgerUnavailable(f"cannot write {self.path}: {error.strerror or error}") from error
        try:
            yield tell
        except PlumblineError as error:
            why = str(error)
            raise
        finally:
            # what ended the work may be the full disk itself, and is told all the same
            with suppress(OSError):
                ending = Ending(why=why, at=datetime.now(UTC))
                (self.path / _ENDING).write_text(ending.model_dump_json(), encoding="utf-8")

    def begin(self, order: BatchOrder) -> None:
        """Write an order down, once.

        Raises:
            UsageError: there is one of that name.
            LedgerUnavailable: it cannot be written.
        """
        place = self.path / "order.json"
        if place.exists():
            raise UsageError(f"there is a batch {order.id!r}; go on with it by --resume {order.id}, or name another")
        try:
            draft = place.with_suffix(".new")
            draft.write_text(order.model_dump_json(indent=2), encoding="utf-8")
            draft.replace(place)
        except OSError as error:
            raise LedgerUnavailable(f"cannot write {place}: {error.strerror or error}; free some space") from error


def _lock(file: IO[bytes]) -> None:
    """Lock a batch, or raise ``BlockingIOError``; whoever only looks whether it is locked holds it for a moment."""
    for last in (False, False, True):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if last:
                raise
            time.sleep(0.05)
        else:
            return


def is_worked_on(home: Path, batch: str) -> bool:
    """Whether a process works on a batch at this moment."""
    try:
        with (batches_folder(home) / batch / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # no process has ever opened it, or none can be told of
        return False
    return False


def ending_of(home: Path, batch: str) -> Ending | None:
    """Return how the work on a batch ended; None where nobody noted it, such as when its process was killed."""
    try:
        return Ending.model_validate_json((batches_folder(home) / batch / _ENDING).read_bytes())
    except (OSError, ValidationError):
        return None


def all_orders(home: Path) -> tuple[list[BatchOrder], int]:
    """Return the orders of all batches, newest first, and how many cannot be read."""
    orders: list[BatchOrder] = []
    unreadable = 0
    for path in batches_folder(home).glob("*/order.json"):
        try:
            orders.append(read_order(home, path.parent.name))
        except UsageError:
            unreadable += 1
    return sorted(orders, key=lambda order: (order.made_at, order.id), reverse=True), unreadable


def read_order(home: Path, batch: str) -> BatchOrder:
    """Return the order of a batch, by its id or ``last``.

    Raises:
        UsageError: there is no such batch, or it cannot be read.
    """
    folder = batches_folder(home)
    if batch == "last":
        orders, _ = all_orders(home)
        if not orders:
            raise UsageError("there is no batch yet; start one with: plumbline eval run SUITE")
        return orders[0]
    place = folder / batch / "order.json"
    if not _ID.match(batch) or not place.is_file():
        raise UsageError(f"there is no batch {batch!r}; plumbline eval list shows them")
    try:
        return BatchOrder.model_validate_json(place.read_bytes())
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise UsageError(f"{place} is no order of a batch: {problem['loc']}: {problem['msg']}") from error


def same_suite(order: BatchOrder, suite: Suite, *, changed: bool) -> None:
    """Raise where a suite is not the one a batch was begun with, unless the user says that it may have changed.

    Raises:
        UsageError: it changed, or lacks samples of the batch.
    """
    known = {sample.id for sample in suite.samples}
    if missing := [name for name in order.samples if name not in known]:
        raise UsageError(f"the suite {suite.name} has no sample {missing[0]!r} any more, which batch {order.id} runs")
    if order.digest != suite.digest and not changed:
        raise UsageError(
            f"the suite {suite.name} has changed since batch {order.id} was begun; begin a new batch, "
            "or go on with --changed-suite and do not compare the results with others"
        )
