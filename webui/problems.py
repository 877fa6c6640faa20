"""Errors as a client sees them: one line that says what is wrong and what to do, with a name and a status."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agent.browsing.errors import StaleState
from agent.domain.base import Fact
from agent.domain.errors import (
    CommandConflict,
    ConfigurationError,
    LedgerUnavailable,
    ModelOutputError,
    NotAllowed,
    NotInRun,
    PlumblineError,
    RunBusy,
    ServiceError,
    StalePlan,
    TooLarge,
    UnknownRun,
    UsageError,
)

_STATUS: tuple[tuple[type[PlumblineError], int], ...] = (
    (UnknownRun, 404),
    (NotAllowed, 403),
    (NotInRun, 404),
    (TooLarge, 413),
    (StalePlan, 409),
    (StaleState, 409),
    (CommandConflict, 409),
    (RunBusy, 409),
    (ModelOutputError, 422),
    (UsageError, 422),
    (ConfigurationError, 422),
    (LedgerUnavailable, 503),
    (ServiceError, 503),
)
"""The first class that an error is of says its status."""


class Problem(Fact):
    """Why a request was refused.

    Attributes:
        error: name of the error, such as ``StalePlan``.
        message: one line for people.
    """

    error: str
    message: str


def status_of(error: PlumblineError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def told(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a response that says why a request was refused."""
    return JSONResponse(Problem(error=error, message=message).model_dump(), status, headers)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, PlumblineError):
        raise error
    return told(status_of(error), type(error).__name__, str(error))


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return told(422, "InvalidRequest", f"{place}: {problem['msg']}")


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return told(error.status_code, "Refused", str(error.detail), dict(error.headers or {}))


def add_problem_handlers(app: FastAPI) -> None:
    """Have an application answer errors with problems."""
    app.add_exception_handler(PlumblineError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
