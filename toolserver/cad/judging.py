"""What is done in the processes of a CAD sandbox: each call becomes a result, whatever happens in it."""

import hashlib
import io
from collections.abc import Callable
from typing import Final

from msgspec import msgpack, structs

from toolserver.cad import wire
from toolserver.cad.building import built, one_line, settled
from toolserver.cad.model import LARGEST_MODEL, Model, packed, unpacked
from toolserver.errors import CadFailed
from toolserver.protocol import Fact

_PRINTED: Final = 4000


class Result(Fact):
    """What a process hands back: one of what ``wire.Done`` may hold, and bytes."""

    made: wire.CadMade | None = None
    inspection: wire.CadInspection | None = None
    views: tuple[wire.CadView, ...] = ()
    trial: wire.CadTrial | None = None
    failure: wire.CadFailure | None = None
    printed: str = ""
    data: bytes = b""


def run_program(program: str) -> bytes:
    """Run a candidate's program; the bytes are a ``Result`` with the model as it was made, to be trusted in nothing."""
    printed = _Tail()
    return _reported(lambda: Result(data=packed(built(program, printed), meshes=False)), lambda: printed.text)


def settle(data: bytes, printed: str) -> bytes:
    """Check and mesh what a program handed back."""
    return _reported(lambda: _made(settled(unpacked(data, meshes=False)), printed))


def perform(call: wire.Call, model: bytes) -> bytes:
    """Do anything else that was asked."""
    return _reported(lambda: _performed(call, model))


def _performed(call: wire.Call, data: bytes) -> Result:
    match call:
        case wire.Import():
            from toolserver.cad.importing import imported

            return _made(settled(imported(call.data, call.format, call.name, call.scale)))
        case wire.Inspect():
            from toolserver.cad.inspecting import inspected

            return Result(inspection=inspected(unpacked(data)))
        case wire.Look():
            from toolserver.cad.looking import looked

            return Result(views=looked(unpacked(data), call.views, pictures=call.pictures, size=call.size))
        case wire.Simulate():
            from toolserver.cad.simulating import simulated

            return Result(
                trial=simulated(
                    unpacked(data),
                    call.scenario,
                    call.parameters,
                    call.measure,
                    call.seed,
                    pictures=call.pictures,
                )
            )
        case wire.Mutate():
            from toolserver.cad.mutating import mutated

            return _made(settled(mutated(unpacked(data), call.mutation, call.parameters)))
        case wire.Export():
            from toolserver.cad.exporting import exported

            return Result(data=exported(unpacked(data), call.format))
        case wire.Give() | wire.Build():
            raise TypeError(f"{type(call).__name__} is not done here")


def _made(model: Model, printed: str = "") -> Result:
    data = packed(model)
    if len(data) > LARGEST_MODEL:
        raise CadFailed("limit", f"the model has more than {LARGEST_MODEL // 1024 // 1024} MB; make it simpler")
    return Result(
        made=wire.CadMade(
            sha256=hashlib.sha256(data).hexdigest(),
            parts=model.names,
            parameters=dict(model.parameters),
            printed=printed,
        ),
        data=data,
    )


def _reported(work: Callable[[], Result], printed: Callable[[], str] = str) -> bytes:
    try:
        result = work()
    except CadFailed as failed:
        result = Result(failure=wire.CadFailure(kind=failed.kind, message=str(failed)))
    except MemoryError:
        message = "there was not enough memory for this; make it simpler"
        result = Result(failure=wire.CadFailure(kind="limit", message=message))
    except Exception as error:  # noqa: BLE001 - whatever a kernel throws is told, and the process ends anyway
        message = one_line(f"the geometry kernel failed ({type(error).__name__}: {error}); build it in another way")
        result = Result(failure=wire.CadFailure(kind="impossible", message=message))
    return msgpack.encode(structs.replace(result, printed=printed()))


class _Tail(io.TextIOBase):
    """Takes any amount of text and keeps the end of it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-_PRINTED:]
        return len(text)
