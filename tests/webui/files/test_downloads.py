"""Files of runs are listed and downloaded, as bytes that no browser takes for a page."""

import json

import pytest

from tests.webui.files.conftest import png, run_with
from tests.webui.guard.conftest import House


async def test_what_a_run_made_stands_before_what_it_was_given(house: House) -> None:
    run = await run_with(house.ledger, {"out/table.csv": b"a,b\n"}, given={"data.txt": b"given"})
    listed = (await house.client.get(f"/api/runs/{run}/files")).json()
    assert [(one["path"], one["kind"], one["size"]) for one in listed["files"]] == [
        ("out/table.csv", "artefact", 4),
        ("data.txt", "input", 5),
    ]
    assert listed["snapshot"] is None
    assert (await house.client.get(listed["files"][0]["address"])).content == b"a,b\n"


async def test_an_input_that_was_changed_is_listed_once_as_it_is_now(house: House) -> None:
    run = await run_with(house.ledger, {"notes.md": b"# new"}, given={"notes.md": b"# old"})
    (only,) = (await house.client.get(f"/api/runs/{run}/files")).json()["files"]
    assert only["kind"] == "artefact"
    assert (await house.client.get(only["address"])).content == b"# new"


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "drawing.svg",
        'x"; filename=evil.exe.txt',
        "<script>alert(1)</script>.txt",
        "bericht \u202eoc.exe",
        "数据 报告.csv",
        "a%2fb.txt",
        "percent%.txt",
        "q?uestion#mark.txt",
        "-rf",
    ],
)
async def test_a_download_is_saved_under_its_name_whatever_is_in_it(house: House, name: str) -> None:
    run = await run_with(house.ledger, {name: b"<script>alert(1)</script>"})
    (entry,) = (await house.client.get(f"/api/runs/{run}/files")).json()["files"]
    got = await house.client.get(entry["address"])
    assert got.status_code == 200
    assert got.content == b"<script>alert(1)</script>"
    head = got.headers["content-disposition"]
    assert head.startswith('attachment; filename="')
    assert head.count('"') == 2
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cross-origin-resource-policy"] == "same-origin"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["content-type"].split(";")[0] in ("application/octet-stream", "text/plain", "text/csv")


async def test_a_part_of_a_file_can_be_asked_for(house: House) -> None:
    run = await run_with(house.ledger, {"long.bin": bytes(range(256)) * 100})
    address = f"/api/runs/{run}/files/long.bin"
    part = await house.client.get(address, headers={"Range": "bytes=256-259"})
    assert (part.status_code, part.content) == (206, bytes(range(4)))
    assert part.headers["content-range"] == "bytes 256-259/25600"
    beyond = await house.client.get(address, headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416
    assert beyond.headers["x-content-type-options"] == "nosniff"


async def test_names_outside_the_run_find_nothing(house: House) -> None:
    run = await run_with(house.ledger, {"a.txt": b"a"})
    for path in ("b.txt", "../../ledger.db", "%2e%2e/ledger.db", "/etc/passwd", "a.txt/", "A.TXT"):
        got = await house.client.get(f"/api/runs/{run}/files/{path}")
        assert got.status_code == 404, path
        assert set(got.json()) == {"error", "message"}


async def test_the_newest_snapshot_tells_what_else_the_workspace_holds(house: House) -> None:
    run = await run_with(house.ledger, {"made.txt": b"made"}, given={"given.txt": b"given"})
    kept = {name: await house.ledger.blobs.put(name.encode()) for name in ("made.txt", "given.txt", "draft.py")}
    kept["made.txt"] = await house.ledger.blobs.put(b"made")
    entries = [{"path": name, "kind": "file", "mode": 420, "size": 4, "sha256": hash_} for name, hash_ in kept.items()]
    entries += [
        {"path": "src", "kind": "folder", "mode": 493},
        {"path": "../out", "kind": "file", "mode": 420, "size": 1, "sha256": kept["draft.py"]},
        {"path": "link", "kind": "link", "mode": 511, "target": "/etc/passwd"},
    ]
    left = [{"path": "big.bin", "reason": "larger than 64 MiB"}]
    snapshot = await house.ledger.blobs.put(json.dumps({"entries": entries, "left_out": left}).encode())
    for name in (snapshot, "0" * 64):
        await house.ledger.append(
            run, None, "sandbox", f"kept/{name}", "fact", {"snapshot": name, "run": run, "calls": []}
        )
    listed = (await house.client.get(f"/api/runs/{run}/files")).json()
    assert [(one["path"], one["kind"], one["since"]) for one in listed["files"]] == [
        ("made.txt", "artefact", 2),
        ("draft.py", "workspace", 3),
        ("given.txt", "workspace", 3),
    ]
    assert (listed["snapshot"], listed["left_out"]) == (3, ["big.bin: larger than 64 MiB"])
    assert (await house.client.get(f"/api/runs/{run}/files/draft.py")).content == b"draft.py"


async def test_a_damaged_file_is_not_sent(house: House) -> None:
    run = await run_with(house.ledger, {"a.txt": b"as it was made"})
    (entry,) = (await house.client.get(f"/api/runs/{run}/files")).json()["files"]
    (await house.ledger.blobs.place(entry["sha256"])).write_bytes(b"something else")
    got = await house.client.get(entry["address"])
    assert got.status_code == 503
    assert "does not match its hash" in got.json()["message"]


async def test_blobs_are_those_of_the_run_alone(house: House) -> None:
    secret = await house.ledger.blobs.put(b"of another run")
    other = await run_with(house.ledger, {"secret.txt": b"of another run"})
    mine = await run_with(house.ledger, {"picture.png": png()})
    sha256 = (await house.client.get(f"/api/runs/{mine}/files")).json()["files"][0]["sha256"]
    shown = await house.client.get(f"/api/runs/{mine}/blobs/{sha256}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert (await house.client.get(f"/api/runs/{other}/blobs/{secret}")).status_code == 200
    for name in (secret, secret[:12], "0" * 64, "%", "%25"):
        assert (await house.client.get(f"/api/runs/{mine}/blobs/{name}")).status_code == 404, name


async def test_to_name_a_blob_does_not_give_a_run_the_blob(house: House) -> None:
    secret = await house.ledger.blobs.put(b"of another run")
    mine = await run_with(house.ledger, {"a.txt": b"a"})
    named = {"sha256": secret, "text_sha256": secret, "criteria": secret, "images": [{"sha256": secret}]}
    tool = {"request": {"tool": "t", "arguments": named}}
    done = {"result": {"ok": True, "text": f'{{"sha256": "{secret}"}}', "data": named, "images": []}}
    said = {"result": {"text": secret, "calls": [{"name": "x", "arguments": named}], "usage": {}}}
    await house.ledger.append(mine, None, "tool", "root/1", "started", tool)
    await house.ledger.append(mine, None, "tool", "root/1", "done", done)
    await house.ledger.append(mine, None, "model", "root/2", "done", said)
    await house.ledger.append(mine, None, "setting", "setting", "done", {"result": named})
    assert (await house.client.get(f"/api/runs/{mine}/blobs/{secret}")).status_code == 404
    drawn = {"result": {"ok": True, "text": "", "data": {}, "images": [{"sha256": secret, "media_type": "image/png"}]}}
    await house.ledger.append(mine, None, "tool", "root/3", "done", drawn)
    assert (await house.client.get(f"/api/runs/{mine}/blobs/{secret}")).status_code == 200
