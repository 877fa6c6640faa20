"""The client's types are those of the API: the document and what is made of it are as the code says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from webui.openapi import document

CLIENT = Path(__file__).parents[2] / "webui" / "client"
GENERATOR = CLIENT / "node_modules" / ".bin" / "openapi-typescript"


def test_the_committed_document_is_that_of_the_code() -> None:
    assert (CLIENT / "openapi.json").read_bytes() == document(), (
        "run: python -m webui.openapi > webui/client/openapi.json && npm --prefix webui/client run types"
    )


def test_the_types_of_the_client_are_those_of_the_document(tmp_path: Path) -> None:
    if shutil.which("node") is None or not GENERATOR.exists():
        pytest.skip("the client's packages are not installed; run: npm ci --prefix webui/client")
    made = tmp_path / "schema.ts"
    subprocess.run([GENERATOR, CLIENT / "openapi.json", "-o", made], check=True, capture_output=True, timeout=120)
    assert made.read_text() == (CLIENT / "src" / "api" / "schema.ts").read_text()
