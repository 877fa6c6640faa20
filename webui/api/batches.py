"""Batches of suites: how they stand, what became of each attempt, and two of them side by side."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.batch.comparing import Comparison
from evals.batch.looking import Batches, BatchLook
from evals.batch.order import BatchOrder, all_orders, read_order
from evals.batch.results import Result, State
from webui.api.cards import Here
from webui.guard.runs import ShownTo
from webui.problems import Problem

router = APIRouter(prefix="/api/batches", tags=["evals"])

_ANSWER = 2_000
"""Characters of an answer that are told; the run has all of it."""


class BatchPage(Fact):
    """Batches, newest first; ``more`` says whether others follow. ``unreadable`` are of another version."""

    batches: tuple[BatchLook, ...]
    more: bool
    unreadable: int


class AttemptResult(Result):
    """What became of one attempt; ``cut`` says whether its answer is longer than what is told of it."""

    cut: bool = False


class ResultPage(Fact):
    """Results of a batch, in the order of its attempts.

    Attributes:
        matching: how many results are wanted, of which these are some.
        failures: by class, how many results of the batch went wrong so.
        tags: of the batch's samples.
        problem: why results are missing; empty where none is.
    """

    results: tuple[AttemptResult, ...]
    matching: int
    failures: dict[str, int]
    tags: tuple[str, ...]
    problem: str


class BatchComparison(Fact):
    """Two batches of one suite, and what the second did better or worse."""

    first: BatchLook
    second: BatchLook
    comparison: Comparison


def _batches(here: Here) -> Batches:
    return Batches(here.ledger, here.home)


Reading = Annotated[Batches, Depends(_batches)]


async def _order_of(here: Here, shown_to: ShownTo, batch: str) -> BatchOrder:
    """Return the order of a batch. Its runs are nobody's own: only who may see everybody's runs may see it."""
    try:
        if shown_to is not None or batch == "last":
            raise UsageError(f"there is no batch {batch!r}; plumbline eval list shows them")
        return await asyncio.to_thread(read_order, here.home, batch)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None


async def _other_order_of(here: Here, shown_to: ShownTo, other: str) -> BatchOrder:
    return await _order_of(here, shown_to, other)


TheBatch = Annotated[BatchOrder, Depends(_order_of)]
TheOther = Annotated[BatchOrder, Depends(_other_order_of)]


@router.get("", operation_id="list_batches")
async def list_batches(
    here: Here,
    shown_to: ShownTo,
    reading: Reading,
    suite: Annotated[str | None, Query(max_length=64, description="of this suite only")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> BatchPage:
    """Return batches, newest first, to whoever may see everybody's runs; others are shown none."""
    if shown_to is not None:
        return BatchPage(batches=(), more=False, unreadable=0)
    orders, unreadable = await asyncio.to_thread(all_orders, here.home)
    wanted = [order for order in orders if suite in (None, order.suite)]
    shown = wanted[offset : offset + limit]
    looks = tuple([await reading.look(order) for order in shown])
    return BatchPage(batches=looks, more=len(wanted) > offset + limit, unreadable=unreadable)


@router.get("/{batch}", operation_id="find_batch", responses={404: {"model": Problem}})
async def find_batch(order: TheBatch, reading: Reading) -> BatchLook:
    """Return how a batch stands."""
    return await reading.look(order)


@router.get("/{batch}/results", operation_id="list_results", responses={404: {"model": Problem}})
async def list_results(
    order: TheBatch,
    reading: Reading,
    state: State | None = None,
    failure: Annotated[str | None, Query(max_length=100, description="class of what went wrong")] = None,
    tag: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ResultPage:
    """Return what became of the attempts of a batch; runs under way are open."""
    read = await reading.results(order)
    wanted = [
        one
        for one in read.results
        if state in (None, one.state) and failure in (None, one.failure) and (tag is None or tag in one.tags)
    ]
    failures: dict[str, int] = {}
    for one in read.results:
        if one.failure:
            failures[one.failure] = failures.get(one.failure, 0) + 1
    return ResultPage(
        results=tuple(_shortened(one) for one in wanted[offset : offset + limit]),
        matching=len(wanted),
        failures=dict(sorted(failures.items())),
        tags=tuple(sorted({tag for one in read.results for tag in one.tags})),
        problem=read.problem,
    )


@router.get("/{batch}/comparison/{other}", operation_id="compare_batches", responses={404: {"model": Problem}})
async def compare_batches(order: TheBatch, other: TheOther, reading: Reading) -> BatchComparison:
    """Compare a batch with another of the same suite, over the samples that both decided."""
    comparison = await reading.compared(order, other)
    return BatchComparison(first=await reading.look(order), second=await reading.look(other), comparison=comparison)


def _shortened(result: Result) -> AttemptResult:
    cut = len(result.answer) > _ANSWER
    return AttemptResult(**{**dict(result), "answer": result.answer[:_ANSWER]}, cut=cut)
