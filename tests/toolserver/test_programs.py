"""Programs of a sandbox whose standard streams are a connection, in each deployment."""

import asyncio
import uuid

import pytest

from tests.toolserver.asking import ask, eventually, processes_with
from tests.toolserver.node_process import short_folder
from tests.toolserver.relay import Behind
from toolserver.client import Sandbox


async def test_bytes_go_both_ways_until_either_side_ends(local: Sandbox) -> None:
    await echo(local)


@pytest.mark.docker
async def test_bytes_go_into_a_container_and_back(container: Sandbox) -> None:
    await echo(container)


async def echo(sandbox: Sandbox) -> None:
    reader, writer, _ = await sandbox.program(["cat"], {})
    writer.write(b"\x00\xff raw\n" * 100_000)
    writer.write_eof()
    echoed = await asyncio.wait_for(reader.read(-1), 60)
    writer.close()

    assert echoed == b"\x00\xff raw\n" * 100_000


async def test_a_program_has_its_variables_and_a_clean_environment(local: Sandbox) -> None:
    reader, writer, _ = await local.program(["env"], {"GIVEN": "yes"})
    seen = (await asyncio.wait_for(reader.read(-1), 60)).decode().splitlines()
    writer.close()

    assert "GIVEN=yes" in seen
    assert not [line for line in seen if line.startswith("PYTHONPATH")]


async def test_a_program_that_ignores_its_input_ends_with_the_connection(local: Sandbox) -> None:
    mark = f"program-{uuid.uuid4().hex}"
    script = "trap '' TERM HUP; setsid sleep 600 & while true; do sleep 1; done"
    _, writer, _ = await local.program(["bash", "-c", script, mark], {})
    await eventually(lambda: processes_with(mark))
    writer.close()

    await eventually(lambda: not processes_with(mark))


async def test_a_program_that_is_not_there_ends_at_once(local: Sandbox) -> None:
    reader, writer, output = await local.program(["no-such-program"], {})

    assert await asyncio.wait_for(reader.read(-1), 60) == b""
    writer.close()
    told = await ask(local, "read_output", id=output, stream="stderr")

    assert "no-such-program: No such file or directory" in told.text


async def test_a_request_that_is_none_is_refused(sandbox: Sandbox) -> None:
    reader, writer = await sandbox.connect()
    writer.write(b'{"program":1,"argv":[]}\n')

    assert b"not a request" in await reader.readline()
    writer.close()


async def test_a_program_that_is_given_up_before_it_started_leaves_no_connection() -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        ended.set()
        writer.close()

    async with short_folder() as folder:
        server = await asyncio.start_unix_server(silent, folder / "s")
        starting = asyncio.ensure_future(Sandbox("silent", Behind(folder / "s")).program(["cat"], {}))
        await asked.wait()
        starting.cancel()

        await asyncio.wait_for(ended.wait(), 60)
        server.close()
