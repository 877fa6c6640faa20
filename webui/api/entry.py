"""Who is signed in, and how one gets in and out."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from agent import __version__
from agent.domain.base import Fact, Form
from webui.guard.access import Refusal
from webui.guard.audited import audit_as
from webui.guard.door import address_of, cookie_name, is_secure, principal_of
from webui.guard.guard import Guard, guard_of
from webui.guard.principals import Principal, Role
from webui.problems import Problem, told

router = APIRouter(prefix="/api", tags=["entry"])

Guarded = Annotated[Guard, Depends(guard_of)]
Who = Annotated[Principal, Depends(principal_of)]

_LONGEST = 200

_WHY: dict[Refusal, str] = {
    "unknown": "this token is not valid; make a link with: plumbline serve link",
    "used": "this link was used before; make another one with: plumbline serve link",
    "expired": "this link has expired; make another one with: plumbline serve link",
}


class Me(Fact):
    """Who is signed in.

    Attributes:
        name: of the user; ``local`` is whoever started the server.
        role: what it allows: a viewer reads, an operator submits and steers own runs, an admin does everything.
        several: whether there are users, so that runs have owners worth showing.
        version: of Plumbline.
        features: what this server can do besides.
    """

    name: str
    role: Role
    several: bool
    version: str
    features: tuple[str, ...] = ()


class Entry(Form):
    """What lets somebody in: the secret of a link, or a token."""

    token: str = Field(max_length=_LONGEST)


@router.get("/me", operation_id="who_am_i")
async def who_am_i(who: Who, guard: Guarded) -> Me:
    """Return who is signed in."""
    return await _me(who, guard)


@router.get(
    "/enter",
    operation_id="enter_by_link",
    status_code=303,
    response_class=RedirectResponse,
    responses={303: {"description": "to the client, signed in, or to its page that says why not"}},
)
async def enter_by_link(
    request: Request, guard: Guarded, token: Annotated[str, Query(max_length=_LONGEST)] = ""
) -> Response:
    """Sign a browser in by a link, and send it on; the address with the secret does not stay in sight."""
    found = await _found(request, guard, token)
    if not isinstance(found, Principal):
        return RedirectResponse(f"/enter?problem={found}", 303)
    response = RedirectResponse("/", 303)
    await _sign_in(request, response, guard, found)
    return response


@router.post(
    "/enter",
    operation_id="enter_by_token",
    response_model=Me,
    responses={401: {"model": Problem}, 429: {"model": Problem}},
)
async def enter_by_token(request: Request, guard: Guarded, entry: Entry) -> Response:
    """Sign a browser in by a token that was typed in."""
    found = await _found(request, guard, entry.token)
    if found == "busy":
        wait = {"Retry-After": str(guard.rates.seconds_until(address_of(request.scope), "enter"))}
        return told(429, "TooManyRequests", "too many wrong tokens came from this address; wait a little", wait)
    if not isinstance(found, Principal):
        return told(401, "SignedOut", _WHY[found])
    response = JSONResponse((await _me(found, guard)).model_dump(mode="json"))
    await _sign_in(request, response, guard, found)
    return response


@router.post("/leave", operation_id="leave", status_code=204)
async def leave(request: Request, response: Response, guard: Guarded, who: Who) -> None:
    """Sign a browser out."""
    name = cookie_name(request.headers)
    secret = request.cookies.get(name)
    if who.via == "session" and secret:
        await asyncio.to_thread(guard.access.close_session, secret)
    response.delete_cookie(
        name, path="/", httponly=True, samesite="strict", secure=is_secure(request.scope, request.headers, guard.rules)
    )


async def _found(request: Request, guard: Guard, token: str) -> Principal | Refusal | Literal["busy"]:
    """Return whom a link or token lets in; wrong ones are counted by the address that they come from."""
    address = address_of(request.scope)
    if not guard.rates.left(address, "enter"):
        return "busy"
    found = await asyncio.to_thread(guard.access.let_in, token)
    if not isinstance(found, Principal):
        guard.rates.may(address, "enter")
    return found


async def _sign_in(request: Request, response: Response, guard: Guard, who: Principal) -> None:
    seconds = guard.rules.session_seconds
    request.state.principal = who
    audit_as(request)
    response.set_cookie(
        cookie_name(request.headers),
        await asyncio.to_thread(guard.access.open_session, who.name, seconds=seconds),
        max_age=int(seconds),
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure(request.scope, request.headers, guard.rules),
    )


async def _me(who: Principal, guard: Guard) -> Me:
    several = bool(await asyncio.to_thread(guard.access.users))
    return Me(name=who.name, role=who.role, several=several, version=__version__)
