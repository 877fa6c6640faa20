"""Notebooks with what their cells gave: texts, errors and pictures; HTML and scripts in them are left out."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from agent.execution.picture_files import picture_size
from webui.files.previews.kinds import CellOutput, NoPreview, NotebookCell, NotebookPreview

LARGEST: Final = 24_000_000
"""Bytes of a notebook that is taken apart."""

_CELLS: Final = 500
_OUTPUTS: Final = 50
_TEXT: Final = 20_000
_ANSI: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")

Address = Callable[[int, int], str]
"""Returns the address of the picture of a cell's output, both counted from 0."""


def notebook_preview(data: bytes, address: Address) -> NotebookPreview | NoPreview:
    """Return the cells of a notebook."""
    notebook = _parsed(data)
    if notebook is None:
        return NoPreview(reason="it is no notebook: its content is not JSON with cells", size=len(data))
    cells = notebook["cells"]
    language = _inner(notebook, "metadata", "language_info", "name") or _inner(
        notebook, "metadata", "kernelspec", "language"
    )
    shown = tuple(_cell(number, cell, address) for number, cell in enumerate(cells[:_CELLS]) if isinstance(cell, dict))
    left = len(cells) - _CELLS
    return NotebookPreview(
        language=str(language or "python")[:40],
        cells=shown,
        note=f"{left:,} more cells are not shown; download it to see all" if left > 0 else "",
    )


def picture_of_output(data: bytes, cell: int, output: int) -> bytes | None:
    """Return the picture that a cell of a notebook gave; None where it gave none there."""
    notebook = _parsed(data)
    if notebook is None:
        return None
    try:
        return _picture(notebook["cells"][cell]["outputs"][output])
    except (IndexError, KeyError, TypeError):
        return None


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("cells"), list) else None


def _cell(number: int, cell: dict[str, Any], address: Address) -> NotebookCell:
    kind = cell.get("cell_type")
    count = cell.get("execution_count")
    outputs = cell.get("outputs")
    return NotebookCell(
        form="code" if kind == "code" else "markdown" if kind == "markdown" else "raw",
        source=_text(cell.get("source")),
        count=count if isinstance(count, int) else None,
        outputs=tuple(_outputs(number, outputs, address)) if isinstance(outputs, list) else (),
    )


def _outputs(cell: int, outputs: list[Any], address: Address) -> Iterator[CellOutput]:
    for number, output in enumerate(outputs[:_OUTPUTS]):
        if not isinstance(output, dict):
            continue
        bundle = output.get("data")
        if output.get("output_type") == "error":
            traceback = output.get("traceback")
            lines = traceback if isinstance(traceback, list) else [output.get("ename"), output.get("evalue")]
            yield CellOutput(form="error", text=_text([f"{line}\n" for line in lines]).rstrip("\n"))
        elif output.get("output_type") == "stream":
            yield CellOutput(form="text", text=_text(output.get("text")))
        elif _picture(output) is not None:
            yield CellOutput(
                form="picture", address=address(cell, number), text=_text(_inner(output, "data", "text/plain"))
            )
        elif isinstance(bundle, dict):
            plain = _text(bundle.get("text/plain"))
            others = ", ".join(sorted(str(name)[:60] for name in bundle if name != "text/plain")[:5])
            yield CellOutput(form="text", text=plain or f"[{others or 'nothing'}: not shown here]")
    if len(outputs) > _OUTPUTS:
        yield CellOutput(form="text", text=f"[{len(outputs) - _OUTPUTS:,} more outputs are not shown]")


def _picture(output: dict[str, Any]) -> bytes | None:
    bundle = output.get("data")
    if not isinstance(bundle, dict):
        return None
    for media_type in _PICTURES:
        coded = bundle.get(media_type)
        if coded is None:
            continue
        try:
            data = base64.b64decode("".join(coded) if isinstance(coded, list) else str(coded))
        except (binascii.Error, ValueError, TypeError):
            continue
        if picture_size(data) is not None:
            return data
    return None


def _text(value: Any) -> str:
    """Return a text that may be in one piece or in lines, without what would steer a terminal."""
    joined = "".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    if len(joined) > _TEXT:
        joined = f"{joined[:_TEXT]}\n[{len(joined) - _TEXT:,} more characters]"
    return _ANSI.sub("", joined)


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
