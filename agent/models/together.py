"""Doing several things at the same time, so that the failure of one ends the others before it is raised."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(jobs: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return the results of all jobs, in order.

    Raises:
        Exception: the first failure, as it was raised, after the other jobs have been cancelled and have ended.
    """
    waiting = list(jobs)
    if len(waiting) <= 1:
        return [await job for job in waiting]
    tasks: list[asyncio.Task[T]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks.extend(group.create_task(job) for job in waiting)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
