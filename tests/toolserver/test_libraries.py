"""A tool whose libraries are missing is not offered, and the sandbox says so."""

import json
import subprocess
import sys

from toolserver.client import Sandbox
from toolserver.node.libraries import NEEDED

# the standard library alone is what an interpreter without site packages has
BARE = """
import json, sys
sys.path.insert(0, ".")
from toolserver.node.libraries import absent_tools
print(json.dumps(absent_tools()))
"""

LOADED = """
import asyncio, pathlib, sys, tempfile
from toolserver.node.node import Node
async def main():
    with tempfile.TemporaryDirectory() as folder:
        node = Node.open(pathlib.Path(folder, 'w'), pathlib.Path(folder, 's'))
        print(sorted(tool.name for tool in node.toolbox.described()))
        await node.close()
asyncio.run(main())
print([name for name in ('PIL', 'zmq', 'nbformat', 'docx', 'lxml', 'pypdfium2', 'numpy') if name in sys.modules])
"""


def test_what_is_missing_is_named_with_what_it_lacks() -> None:
    done = subprocess.run([sys.executable, "-S", "-c", BARE], capture_output=True, text=True, check=True)

    absent = json.loads(done.stdout)
    assert len(absent) == len(NEEDED)
    assert "view_image (needs PIL)" in absent


def test_a_node_offers_the_tools_without_loading_their_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    tools, loaded = done.stdout.splitlines()
    assert set(NEEDED) <= set(json.loads(tools.replace("'", '"')))
    assert loaded == "[]"


async def test_a_sandbox_that_has_all_libraries_lacks_no_tool(local: Sandbox) -> None:
    assert local.description.absent == ()
