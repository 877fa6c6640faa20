"""The manager's end of the proxy: what happens to one sandbox's way out is no other's business."""

import asyncio
from pathlib import Path

import pytest

from tests.toolserver.asking import eventually
from tests.toolserver.proxying import answering, got, served
from toolserver.client import AllowListEgress, EgressEvent, EgressGateway, HostRule, PackagesEgress


async def test_a_listener_that_fails_costs_nobody_the_way_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    told: list[EgressEvent] = []

    def failing(_event: EgressEvent) -> None:
        raise RuntimeError("the ledger is full")

    for name in ("one", "two"):
        (folder / name).mkdir()
    async with EgressGateway() as gateway, served(answering(b"welcome")) as port:
        egress = AllowListEgress(hosts=(HostRule(host="127.0.0.1", ports=(port,), private=True),))
        await gateway.open(egress, folder / "one", failing)
        await gateway.open(egress, folder / "two", told.append)
        proxy = gateway.process_id
        await got(folder / "one" / "egress.sock", f"http://127.0.0.1:{port}/")
        await eventually(lambda: "the ledger is full" in caplog.text)
        status, _ = await got(folder / "two" / "egress.sock", f"http://127.0.0.1:{port}/")
        await eventually(lambda: told)

        assert status == 200
        assert gateway.process_id == proxy


async def test_a_way_out_whose_opening_is_cancelled_leaves_no_proxy(folder: Path) -> None:
    async with EgressGateway() as gateway:
        opening = asyncio.ensure_future(gateway.open(PackagesEgress(), folder))
        await eventually(lambda: gateway.process_id is not None)
        proxy = gateway.process_id
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

        await eventually(lambda: not Path(f"/proc/{proxy}").exists())
        assert not (folder / "egress.sock").exists()
