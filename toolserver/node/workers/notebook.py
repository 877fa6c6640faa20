"""Hold a Jupyter kernel and keep its cells in a file: ``notebook FOLDER SOCKETS``.

On the unix socket ``SOCKETS/control`` each connection brings one request as a line of JSON and gets one line of JSON.
A further line while a cell runs interrupts the cell.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import nbformat
import nbformat.v4 as nb

from toolserver.errors import ToolFailure
from toolserver.node.processes.descendants import become_subreaper
from toolserver.node.workers.kernel import Cell, Ending, Kernel
from toolserver.node.workers.serving import one_line
from toolserver.node.workspace import Workspace

FILE: Final = "notebook.ipynb"
MAX_FILE: Final = 32 * 1024 * 1024
MAX_REQUEST: Final = 16 * 1024 * 1024
LISTED_CELLS: Final = 200


@dataclass
class Notebook:
    """A kernel that is started when it is needed, and the file of its cells."""

    sockets: Path
    workspace: Workspace
    kernel: Kernel | None = None
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked."""
        try:
            match request["action"]:
                case "execute":
                    async with self.busy:
                        return await self._execute(request)
                case "interrupt":
                    running = self.busy.locked()
                    self.interrupted.set()
                    return {"running": running}
                case "restart":
                    self.interrupted.set()
                    async with self.busy:
                        return self._end()
                case _:
                    return self._listed()
        except ToolFailure as failure:
            return {"error": failure.kind, "message": str(failure)}

    async def _execute(self, request: dict[str, Any]) -> dict[str, Any]:
        self._load()  # says now, and not when the cell has run, that the file cannot be added to
        self.interrupted.clear()
        fresh = self.kernel is None or not self.kernel.running
        died_before = self.kernel.why() if self.kernel is not None and fresh else None
        if self.kernel is None or fresh:
            try:
                self.kernel = await Kernel.start(self.sockets)
            except RuntimeError as error:
                raise ToolFailure("cannot_start", f"notebook: {one_line(error)}") from error
        cell, began = Cell(Path(request["output"])), time.monotonic()
        ending: Ending = await self.kernel.execute(request["code"], cell, request["seconds"], self.interrupted)
        seconds = round(time.monotonic() - began, 3)
        alive = self.kernel.running
        why = None if alive else self.kernel.why()
        if not alive:
            self.kernel = None
        totals = cell.totals()
        saved, number = self._save(request["code"], cell)
        return {
            "cell": number,
            "ending": ending,
            "alive": alive,
            "why": why,
            "fresh": fresh,
            "died_before": died_before,
            "execution_count": cell.count,
            "raised": cell.error,
            "images": cell.images,
            "tables": cell.tables,
            "stdout_bytes": totals[0],
            "stderr_bytes": totals[1],
            "seconds": seconds,
            "saved": saved,
        }

    def _end(self) -> dict[str, Any]:
        ended = self.kernel is not None
        if self.kernel is not None:
            self.kernel.kill()
            self.kernel = None
        return {"ended": ended}

    def _load(self) -> Any:
        if self.workspace.kind(FILE) is None:
            return nb.new_notebook(
                metadata={
                    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                    "language_info": {"name": "python"},
                }
            )
        with self.workspace.open_file(FILE) as file:
            data = file.read(MAX_FILE + 1)
        try:
            if len(data) > MAX_FILE:
                raise ValueError(f"larger than {MAX_FILE >> 20} MiB")
            book = nbformat.reads(data.decode(), as_version=4)
            nbformat.validate(book)
        except Exception as error:  # nbformat raises whatever a file makes it stumble over
            raise ToolFailure("damaged", f"{FILE}: no notebook to add to; move it away: {one_line(error)}") from error
        return book

    def _save(self, code: str, cell: Cell) -> tuple[str | None, int | None]:
        """Add a cell to the file; return why that failed, and the number of the cell."""
        try:
            book = self._load()
            book.cells.append(nb.new_code_cell(code, execution_count=cell.count, outputs=cell.saved))
            text = nbformat.writes(book)
            for old in book.cells:
                if len(text) < MAX_FILE // 2:
                    break
                if old.get("outputs"):
                    old["outputs"] = []
                    text = nbformat.writes(book)
            self.workspace.replace(FILE, text.encode("utf-8", "replace"))
        except (ToolFailure, OSError, ValueError) as error:
            return one_line(error), None
        return None, len(book.cells)

    def _listed(self) -> dict[str, Any]:
        cells = list(enumerate(self._load().cells, 1))
        return {
            "total": len(cells),
            "alive": self.kernel is not None and self.kernel.running,
            "cells": [
                {
                    "cell": number,
                    "kind": str(cell.cell_type)[:20],
                    "execution_count": cell.get("execution_count"),
                    "source": str(cell.source)[:300],
                    "failed": any(output.output_type == "error" for output in cell.get("outputs", ())),
                }
                for number, cell in cells[-LISTED_CELLS:]
            ],
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            request = json.loads(await reader.readline())
            work = asyncio.ensure_future(self.answer(request))
            further = asyncio.ensure_future(reader.readline())
            await asyncio.wait({work, further}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.interrupted.set()
            further.cancel()
            writer.write(json.dumps(await work).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            return
        finally:
            writer.close()


async def _main(sockets: Path) -> None:
    become_subreaper()
    notebook = Notebook(sockets, Workspace(Path.cwd()))
    server = await asyncio.start_unix_server(notebook.serve, sockets / "control.new", limit=MAX_REQUEST)
    # a socket has its name before it listens, so it gets the name that is waited for only now
    (sockets / "control.new").rename(sockets / "control")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[3])))
