"""File tools: exact, bounded, and unable to leave the workspace."""

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.toolserver.asking import ask
from toolserver.errors import ToolFailure
from toolserver.node.workspace import Workspace
from toolserver.testing import InProcessSandbox


async def test_lines_are_numbered_and_counted(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.txt").write_text("one\ntwo\nthree\n")

    outcome = await ask(sandbox, "read_file", path="a.txt", start_line=2)

    assert outcome.text == "a.txt: lines 2 to 3 of 3\n     2\ttwo\n     3\tthree"
    assert outcome.data["total_lines"] == 3


async def test_a_long_file_is_shown_in_part_and_says_how_to_read_on(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "long").write_text("x" * 79 + "\n" * 1 + ("y" * 79 + "\n") * 2000)

    outcome = await ask(sandbox, "read_file", path="long")

    assert len(outcome.text) < 41_000
    assert f"read on with start_line={int(str(outcome.data['end_line'])) + 1}]" in outcome.text


async def test_a_very_long_line_is_cut(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "wide").write_text("x" * 1_000_000)

    assert len((await ask(sandbox, "read_file", path="wide")).text) < 3_000


async def test_an_empty_file_is_called_empty(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "empty").touch()

    assert "empty" in (await ask(sandbox, "read_file", path="empty")).text


async def test_text_that_is_not_utf8_is_read_with_marks(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "latin").write_bytes("naïve café\n".encode("latin-1") * 3)

    assert "na\ufffdve caf\ufffd" in (await ask(sandbox, "read_file", path="latin")).text


async def test_writing_makes_folders_and_tells_what_it_did(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "write_file", path="a/b/c.txt", content="hällo")

    assert (sandbox.workspace / "a/b/c.txt").read_text(encoding="utf-8") == "hällo"
    assert outcome.data == {"path": "a/b/c.txt", "size": 6, "created": True}


async def test_writing_keeps_the_permissions_of_a_file(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "run.sh").write_text("old")
    (sandbox.workspace / "run.sh").chmod(0o755)

    await ask(sandbox, "write_file", path="run.sh", content="new")

    assert (sandbox.workspace / "run.sh").stat().st_mode & 0o777 == 0o755


async def test_an_edit_replaces_one_passage_and_shows_the_difference(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.py").write_text("".join(f"line {i}\n" for i in range(1, 101)))

    outcome = await ask(sandbox, "edit_file", path="a.py", old="line 50\n", new="line fifty\nand more\n")

    assert "@@ -47,7 +47,8 @@" in outcome.text
    assert "-line 50\n+line fifty\n+and more\n" in outcome.text
    assert "line fifty\nand more\nline 51" in (sandbox.workspace / "a.py").read_text()


async def test_an_edit_of_a_repeated_passage_needs_replace_all(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_text("x = 1\nx = 1\n")

    refused = await ask(sandbox, "edit_file", path="a", old="x = 1", new="x = 2")
    done = await ask(sandbox, "edit_file", path="a", old="x = 1", new="x = 2", replace_all=True)

    assert (refused.error, "2 times" in refused.text) == ("ambiguous_match", True)
    assert done.data["replacements"] == 2
    assert (sandbox.workspace / "a").read_text() == "x = 2\nx = 2\n"


async def test_an_edit_that_does_not_match_says_where_it_may_be(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").write_text("def f():\n        return 1\n")

    outcome = await ask(sandbox, "edit_file", path="a", old="    return 1\n    # end", new="")

    assert outcome.error == "no_match"
    assert "line 2" in outcome.text


async def test_an_edit_of_a_file_with_other_line_ends_says_so(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "dos").write_bytes(b"one\r\ntwo\r\n")

    outcome = await ask(sandbox, "edit_file", path="dos", old="one\ntwo", new="x")

    assert "its lines end with" in outcome.text


async def test_an_edit_leaves_bytes_that_are_not_utf8_alone(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "mixed").write_bytes(b"caf\xe9 and more plain text here\nname = 1\n")

    await ask(sandbox, "edit_file", path="mixed", old="name = 1", new="name = 2")

    assert (sandbox.workspace / "mixed").read_bytes() == b"caf\xe9 and more plain text here\nname = 2\n"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.text(max_size=200), passage=st.text(min_size=1, max_size=50), after=st.text(max_size=200))
def test_an_edit_does_what_replace_does(tmp_path: Path, before: str, passage: str, after: str) -> None:
    async def edited() -> bytes:
        sandbox = await InProcessSandbox.open()
        (sandbox.workspace / "f").write_bytes((before + passage + after).encode())
        await ask(sandbox, "edit_file", path="f", old=passage, new="<new>", replace_all=True)
        content = (sandbox.workspace / "f").read_bytes()
        await sandbox.close()
        return content

    if "\0" not in before + passage + after:
        assert asyncio.run(edited()) == (before + passage + after).replace(passage, "<new>").encode()


async def test_a_tree_shows_folders_sizes_and_special_files(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "src").mkdir()
    (sandbox.workspace / "src" / "a.py").write_text("12345")
    (sandbox.workspace / "link").symlink_to("/etc/passwd")
    os.mkfifo(sandbox.workspace / "pipe")

    outcome = await ask(sandbox, "list_files")

    assert outcome.text == "link  [link]\npipe  [fifo]\nsrc/\n  a.py  5 bytes"


async def test_a_huge_tree_is_cut(sandbox: InProcessSandbox) -> None:
    for i in range(1500):
        (sandbox.workspace / f"d{i // 100}").mkdir(exist_ok=True)
        (sandbox.workspace / f"d{i // 100}" / f"f{i}").touch()

    outcome = await ask(sandbox, "list_files")

    assert outcome.data["truncated"] is True
    assert len(outcome.text.splitlines()) <= 1001


async def test_files_are_found_by_pattern(sandbox: InProcessSandbox) -> None:
    for path in ("a.py", "src/b.py", "src/deep/c.py", "src/d.txt"):
        (sandbox.workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (sandbox.workspace / path).touch()

    found = await ask(sandbox, "search_files", glob="src/**/*.py")

    assert found.data["paths"] == ["src/b.py", "src/deep/c.py"]


async def test_lines_are_found_by_pattern(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.py").write_text("import os\nOS = 1\n")
    (sandbox.workspace / "b.txt").write_text("import os\n")

    found = await ask(sandbox, "grep", pattern=r"\bos\b", glob="*.py", ignore_case=True)

    assert found.text == "a.py:1: import os\na.py:2: OS = 1"


async def test_a_broken_pattern_is_explained(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "grep", pattern="(")).error == "bad_pattern"


async def test_a_pattern_that_takes_forever_is_ended(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "trap").write_text("a" * 60 + "!\n")

    outcome = await ask(sandbox, "grep", pattern="(a+)+$", seconds=1)

    assert outcome.error == "timeout"


async def test_grep_passes_over_what_is_not_text(sandbox: InProcessSandbox) -> None:
    os.mkfifo(sandbox.workspace / "pipe")
    (sandbox.workspace / "binary").write_bytes(b"needle\0needle")
    (sandbox.workspace / "link").symlink_to("/etc/passwd")
    (sandbox.workspace / "text").write_text("needle")

    assert (await ask(sandbox, "grep", pattern="needle|root")).text == "text:1: needle"


OUTSIDE = ["../secret", "/etc/passwd", "a/../../secret", "link-out", "link-dir/secret", "a\0b"]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("read_file", {}), ("write_file", {"content": "x"}), ("edit_file", {"old": "s", "new": "x"}), ("download", {})],
)
async def test_no_tool_leaves_the_workspace(
    sandbox: InProcessSandbox, tool: str, arguments: dict[str, str], path: str
) -> None:
    secret = sandbox.workspace.parent / "secret"
    secret.write_text("secret")
    (sandbox.workspace / "link-out").symlink_to(secret)
    (sandbox.workspace / "link-dir").symlink_to(secret.parent)

    outcome = await ask(sandbox, tool, path=path, **arguments)

    assert outcome.error in {"outside_workspace", "invalid_path"}
    assert secret.read_text() == "secret"


async def test_links_inside_the_workspace_are_followed(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "real").write_text("content")
    (sandbox.workspace / "relative").symlink_to("real")
    (sandbox.workspace / "absolute").symlink_to(sandbox.workspace / "real")

    assert "content" in (await ask(sandbox, "read_file", path="relative")).text
    assert "content" in (await ask(sandbox, "read_file", path="absolute")).text


def test_a_link_swapped_in_after_the_check_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "workspace", tmp_path / "outside"
    for folder in (inside / "d", outside):
        folder.mkdir(parents=True)
        (folder / "f").write_text(folder.name)
    (inside / "link").symlink_to(outside)
    workspace, stop, seen = Workspace(inside), threading.Event(), set()

    def swap() -> None:
        while not stop.is_set():
            (inside / "d").rename(inside / "real")
            (inside / "link").rename(inside / "d")
            (inside / "d").rename(inside / "link")
            (inside / "real").rename(inside / "d")

    swapper = threading.Thread(target=swap)
    swapper.start()
    for _ in range(3000):
        try:
            with workspace.open_file("d/f") as file:
                seen.add(file.read())
        except ToolFailure as failure:
            seen.add(failure.kind.encode())
    stop.set()
    swapper.join()

    assert b"d" in seen
    assert b"outside" not in seen


async def test_a_loop_of_links_is_refused(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a").symlink_to("b")
    (sandbox.workspace / "b").symlink_to("a")

    assert not (await ask(sandbox, "read_file", path="a")).ok


@pytest.mark.parametrize("tool", ["read_file", "download"])
async def test_special_files_are_refused_without_hanging(sandbox: InProcessSandbox, tool: str) -> None:
    os.mkfifo(sandbox.workspace / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(sandbox.workspace / "sock"))

    async with asyncio.timeout(60):
        outcomes = [await ask(sandbox, tool, path=path) for path in ("pipe", "sock", ".")]

    assert [outcome.error for outcome in outcomes] == ["not_a_file", "not_a_file", "is_a_folder"]


async def test_a_fifo_is_not_overwritten(sandbox: InProcessSandbox) -> None:
    os.mkfifo(sandbox.workspace / "pipe")

    assert (await ask(sandbox, "write_file", path="pipe", content="x")).error == "not_a_file"


@pytest.mark.parametrize(
    ("content", "error"), [(b"\x89PNG\r\n\0\0", "binary_file"), (os.urandom(4096).replace(b"\0", b"\1"), "binary_file")]
)
async def test_files_that_are_not_text_are_refused(sandbox: InProcessSandbox, content: bytes, error: str) -> None:
    (sandbox.workspace / "data").write_bytes(content)

    assert (await ask(sandbox, "read_file", path="data")).error == error


async def test_a_file_too_large_to_read_is_refused(sandbox: InProcessSandbox) -> None:
    with (sandbox.workspace / "sparse").open("wb") as file:
        file.truncate(10**12)

    assert (await ask(sandbox, "read_file", path="sparse")).error == "too_large"


async def test_a_name_with_control_characters_is_shown_on_one_line(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "two\nlines").write_text("x")
    (sandbox.workspace / "esc\x1b[31m").write_text("x")

    assert (await ask(sandbox, "list_files")).text == "esc\\x1b[31m  1 bytes\ntwo\\nlines  1 bytes"


@pytest.mark.parametrize("path", ["two\nlines", "tab\tbed", "del\x7f"])
async def test_new_names_with_control_characters_are_refused(sandbox: InProcessSandbox, path: str) -> None:
    assert (await ask(sandbox, "write_file", path=path, content="x")).error == "invalid_path"


async def test_a_name_that_is_not_utf8_is_listed(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / os.fsdecode(b"caf\xe9")).write_text("x")

    assert (await ask(sandbox, "list_files")).text == "caf\\xe9  1 bytes"
    assert (await sandbox.manifest())[0].kind == "unreadable"


@pytest.mark.parametrize("path", ["x" * 300, "x/" * 3000])
async def test_a_name_too_long_is_refused_in_one_line(sandbox: InProcessSandbox, path: str) -> None:
    outcome = await ask(sandbox, "write_file", path=path, content="x")

    assert outcome.error == "invalid_path"
    assert "\n" not in outcome.text


@pytest.mark.parametrize("path", ["con", "-rf", "a b", "ünï", "\u202egpj.exe", "..."])
async def test_odd_names_are_handled(sandbox: InProcessSandbox, path: str) -> None:
    await ask(sandbox, "write_file", path=path, content="odd")

    assert "odd" in (await ask(sandbox, "read_file", path=path)).text


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("read_file", {}, "path"),
        ("read_file", {"path": "a", "start_line": 0}, "start_line"),
        ("shell", {"command": "x", "seconds": "soon"}, "seconds"),
        ("write_file", {"path": "a", "content": "x", "mode": 7}, "mode"),
        ("shell", {"command": "x", "session": "../up"}, "session"),
    ],
)
async def test_a_wrong_argument_is_named(
    sandbox: InProcessSandbox, tool: str, arguments: dict[str, object], field: str
) -> None:
    outcome = await ask(sandbox, tool, **arguments)

    assert outcome.error == "invalid_arguments"
    assert f"{field}:" in outcome.text


async def test_an_unknown_tool_is_answered_with_those_there_are(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "rm_rf")

    assert outcome.error == "unknown_tool"
    assert "read_file" in outcome.text
    assert "shutdown" not in outcome.text
