"""Attack 17: a secret of the user gets into no event, prompt, log, report, cassette, artefact or file of a sandbox."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.models.testing.script import call
from tests.cli.conftest import Plumbline, Serve

IN_ENVIRONMENT = "canary-environment-5d1f0c"
OF_THE_MODEL = "canary-model-key-8b2e47"
BY_VARIABLE = "canary-variable-91ac33"
BY_FILE = "canary-file-e07d25"
CANARIES = (IN_ENVIRONMENT, OF_THE_MODEL, BY_VARIABLE, BY_FILE)

LOOK = "(env; cat /proc/*/environ; cat {home}/config.toml {secret}; ls -la {home}) > found.txt 2>&1; cat found.txt"


def found_in(data: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in data]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_no_secret_leaves_the_place_it_belongs_to(
    plumbline: Plumbline, serve: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, secret = folder / "home", folder / "secret.txt"
    secret.write_text(f"{BY_FILE}\n")
    monkeypatch.setenv("CANARY_TOKEN", IN_ENVIRONMENT)
    monkeypatch.setenv("WORK_MODEL", OF_THE_MODEL)
    monkeypatch.setenv("WORK_VARIABLE", BY_VARIABLE)
    prompts: list[str] = []

    def script(request: dict[str, Any], number: int) -> Reply:
        prompts.append(str(request))
        look = call("shell", command=LOOK.format(home=home, secret=secret))
        repeat = call("shell", command=f"echo {' '.join(CANARIES)} > said.txt")
        return (look, repeat, call("submit", answer=f"It is {' '.join(CANARIES)}."))[min(number, 2)]

    base_url = serve(script).partition("@")[2]
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        f"""
        model = "work"
        [models.work]
        backend = "openai"
        model = "scripted"
        base_url = "{base_url}"
        api_key_env = "WORK_MODEL"
        [secrets.one]
        env = "WORK_VARIABLE"
        hosts = ["api.example.org"]
        [secrets.two]
        file = "{secret}"
        hosts = ["api.example.org"]
        """
    )
    goal = f"What can you find of {' or '.join(CANARIES)}?"
    done = plumbline("run", goal, "--sandbox", "local", "--save", str(folder / "saved"))
    shown = plumbline("show", "--steps", "--events")
    exported = plumbline("export", "last", "-o", str(folder / "run.jsonl"))
    assert (done.code, exported.code) == (3, 0), done.err
    assert len(prompts) == 3
    assert found_in("".join(prompts).encode()) == []
    assert found_in("".join([done.out, done.err, shown.out, shown.err]).encode()) == []
    files = [path for path in folder.rglob("*") if path.is_file() and path != secret]
    assert {"run.jsonl", "found.txt", "said.txt"} <= {path.name for path in files}
    assert [(path.name, leaked) for path in files if (leaked := found_in(path.read_bytes()))] == []
