"""Environments are made once for each set of requirements, by pip, without a network where none is needed."""

import fcntl
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError, ServiceError, UsageError
from evals.environments import environment, environment_folder, read_requirements, ready_python


def wheel(folder: Path, version: str = "1.0") -> str:
    """Write a wheel of one module and return the requirement that installs it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"plumb_bob-{version}-py3-none-any.whl"
    info = f"plumb_bob-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("plumb_bob.py", f"version = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: plumb-bob\nVersion: {version}\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return str(path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], Path, list[str]]:
    """An environment that two processes asked for at the same time, while an earlier making had been killed."""
    folder = tmp_path_factory.mktemp("environments")
    requirements = [wheel(folder / "wheels")]
    half = environment_folder("bob", requirements, folder=folder)
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").symlink_to(sys.executable)
    program = (
        "import json, sys; from pathlib import Path; from evals.environments import environment\n"
        "words = []\n"
        "python = environment('bob', [sys.argv[1]], folder=Path(sys.argv[2]), told=words.append)\n"
        "print(json.dumps([str(python), words]))"
    )
    command = [sys.executable, "-c", program, requirements[0], str(folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert outputs[0][0] == outputs[1][0]
    return folder, requirements, Path(outputs[0][0]), [word for _, words in outputs for word in words]


def test_the_environment_has_what_was_required(made: tuple[Path, list[str], Path, list[str]]) -> None:
    _, _, python, _ = made
    shown = subprocess.run([python, "-c", "import plumb_bob; print(plumb_bob.version)"], capture_output=True, text=True)
    assert shown.stdout == "1.0\n"


def test_two_processes_make_it_once_and_what_was_killed_halfway_is_made_anew(
    made: tuple[Path, list[str], Path, list[str]],
) -> None:
    _, _, _, words = made
    assert sum("a virtual environment" in word for word in words) == 1
    assert any("processing plumb_bob" in word for word in words)


def test_what_is_there_is_taken_without_a_word(made: tuple[Path, list[str], Path, list[str]]) -> None:
    folder, requirements, python, _ = made
    words: list[str] = []
    assert environment("bob", requirements, folder=folder, told=words.append) == python
    assert words == []
    assert ready_python("bob", requirements, folder=folder) == python


def test_other_requirements_are_another_environment(made: tuple[Path, list[str], Path, list[str]]) -> None:
    folder, requirements, _, _ = made
    other = [*requirements, "something==2"]
    assert environment_folder("bob", other, folder=folder) != environment_folder("bob", requirements, folder=folder)
    assert environment_folder("bob", other[::-1], folder=folder) == environment_folder("bob", other, folder=folder)
    assert ready_python("bob", other, folder=folder) is None


def test_the_lock_lasts_as_long_as_the_pip_of_a_killed_process(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    began, go_on = tmp_path / "began", tmp_path / "go-on"
    (slow / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "slow"\nbackend-path = ["."]\n', "utf-8"
    )
    (slow / "slow.py").write_text(
        "import pathlib, time\n"
        "def prepare_metadata_for_build_wheel(*_, **__):\n"
        f"    pathlib.Path({str(began)!r}).touch()\n"
        f"    while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.05)\n"
        "    raise SystemExit('no')\n",
        "utf-8",
    )
    making = multiprocessing.get_context("spawn").Process(
        target=environment, args=("slow", [str(slow)]), kwargs={"folder": tmp_path / "all"}
    )
    making.start()
    deadline = time.monotonic() + 60
    while not began.exists():
        assert time.monotonic() < deadline, "pip never began"
        time.sleep(0.05)
    assert making.pid is not None
    os.kill(making.pid, signal.SIGKILL)
    making.join()
    lock = environment_folder("slow", [str(slow)], folder=tmp_path / "all").with_suffix(".lock")
    with lock.open("ab") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        go_on.touch()
        fcntl.flock(file, fcntl.LOCK_EX)


def test_failures_are_one_line_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="small letters"):
        environment("../up", [], folder=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="set PLUMBLINE_CACHE"):
        environment("bob", [], folder=tmp_path / "file")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ServiceError, match="reaches no package index; connect to a network") as unreachable:
        environment("bob", ["plumb-bob-that-is-nowhere==1"], folder=tmp_path / "all")
    assert "\n" not in str(unreachable.value)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        UsageError, match=r"No matching distribution found for plumb-bob-that-is-nowhere==1; pip's whole"
    ):
        environment("bob", ["plumb-bob-that-is-nowhere==1"], folder=tmp_path / "all")


def test_requirements_are_read_without_comments(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("# why\n\nopenai==3.54.0  # client\nh11==0.16.0\n", "utf-8")
    assert read_requirements(tmp_path / "pins.txt") == ("openai==3.54.0", "h11==0.16.0")
