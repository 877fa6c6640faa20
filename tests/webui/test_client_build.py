"""The built client that is shipped is what its source gives, and the source has no type errors."""

import filecmp
import json
import sys
from pathlib import Path

import pytest

from tests.webui.node import CLIENT, run, tool

STATIC = CLIENT.parent / "static"
OLDEST_NODE = (20, 19)

pytestmark = pytest.mark.xdist_group("client")


def files_of(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


async def test_the_client_has_no_type_errors(node: str) -> None:
    code, said = await tool(node, "typescript", "--noEmit")

    assert code == 0, said


@pytest.mark.slow
async def test_the_client_passes_its_own_tests(node: str) -> None:
    code, said = await tool(node, "vitest", "run")

    assert code == 0, said


async def test_the_built_client_is_what_its_source_gives(node: str, tmp_path: Path) -> None:
    code, said = await tool(node, "vite", "build", "--outDir", str(tmp_path / "built"), "--emptyOutDir")

    assert code == 0, said
    built = files_of(tmp_path / "built")
    assert built == files_of(STATIC), "run: npm run build --prefix webui/client"
    _, different, unreadable = filecmp.cmpfiles(
        tmp_path / "built", STATIC, [str(path) for path in sorted(built)], shallow=False
    )
    assert (different, unreadable) == ([], []), "run: npm run build --prefix webui/client"


def test_the_lock_file_names_no_address_to_download_from() -> None:
    lock = json.loads((CLIENT / "package-lock.json").read_text())

    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


async def test_node_is_new_enough_for_the_tools_of_the_client(node: str) -> None:
    _, said = await run(node, "--version")

    assert tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2]) >= OLDEST_NODE, sys.platform
