"""What tools draw reaches a model that can see, is told to one that cannot, and stays with the run."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.cli.artefacts import save_artefacts
from agent.cli.render import report_view
from agent.domain.evidence import ToolResult
from agent.domain.messages import Picture, Transcript, pictures_of
from agent.domain.task import Task
from agent.execution.compaction import compacted
from agent.execution.picture_files import LARGEST, kept_pictures, picture_size
from agent.execution.pictures import picture_message, within
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.fence import marks
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from tests.studio import StudioServices, studio
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Form, ToolImage


def png(width: int, height: int, shade: int = 0) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + bytes([shade]) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def given(data: bytes, media_type: Any = "image/png") -> ToolImage:
    return ToolImage(media_type=media_type, data=base64.b64encode(data).decode())


class Draw(Form):
    """Draw grey pictures."""

    width: int = 64
    count: int = 1


async def draw(form: Draw) -> Answer:
    return Answer("drawn", images=tuple(given(png(form.width, 48, shade)) for shade in range(form.count)))


DRAW: Tool[Any] = Tool(Draw, draw, effects=("reads",))
SEEING = Profile(tool_mode="native", vision=True)
DONE = call("submit", answer="Drawn.", success=False)


async def test_a_model_that_sees_gets_the_picture_after_the_result(ledger: Ledger, folder: Path) -> None:
    async with ScriptedServer([call("draw"), DONE]) as server:
        config = OpenAIConfig(model="m", base_url=server.base_url, profile=SEEING, api_key_env=None)
        model = OpenAICompatible("m", config)
        async with studio(ledger, StudioServices(model, folder, tools=[DRAW])) as runner:
            run_id = await runner.start(Task(goal="Draw"))
            report = await runner.wait(run_id)
        await model.close()
    *_, result, shown = server.requests[1].json["messages"]
    assert (result["role"], shown["role"]) == ("tool", "user")
    assert [part["type"] for part in shown["content"]] == ["text", "image_url", "text"]
    assert "root.0.0" in shown["content"][0]["text"]
    assert shown["content"][2]["text"] == marks("root.0.0")[1]
    assert server.requests[1].pictures == [png(64, 48)]
    assert [(p.evidence, p.width, p.height) for p in report.pictures] == [("root.0.0", 64, 48)]
    assert await ledger.blobs.get(report.pictures[0].sha256) == png(64, 48)
    stored = "".join([event.model_dump_json() async for event in ledger.events(run_id)])
    assert base64.b64encode(png(64, 48)).decode()[:60] not in stored


async def test_a_model_that_cannot_see_is_told_what_there_is(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("draw", count=2), DONE])
    async with studio(ledger, StudioServices(model, folder, tools=[DRAW])) as runner:
        report = await runner.wait(await runner.start(Task(goal="Draw")))
    told = model.asked[1].messages[-1]
    assert told["role"] == "tool"
    assert told["content"].count("[a picture of 64x48 pixels, image/png, which this model cannot see]") == 2
    assert len(report.pictures) == 2


async def test_an_old_picture_can_be_recalled(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("draw"), call("recall", evidence_id="root.0.0"), DONE], profile=SEEING)
    async with studio(ledger, StudioServices(model, folder, tools=[DRAW])) as runner:
        await runner.wait(await runner.start(Task(goal="Draw")))
    shown = [m["content"] for m in model.asked[2].messages if isinstance(m["content"], list)]
    assert len(shown) == 2
    assert shown[0] == shown[1]


async def test_more_pictures_than_the_context_bears_are_not_sent(ledger: Ledger, folder: Path) -> None:
    profile = Profile(tool_mode="native", vision=True, context=8_000)
    model = ScriptedModel([call("draw", width=20_000, count=3), DONE], profile=profile)
    async with studio(ledger, StudioServices(model, folder, tools=[DRAW])) as runner:
        await runner.wait(await runner.start(Task(goal="Draw")))
    *_, shown, note = model.asked[1].messages
    assert [part["type"] for part in shown["content"]] == ["text", "image_url", "text"]
    assert "2 more pictures of root.0.0" in note["content"]


async def test_drawn_pictures_are_saved_beside_the_artefacts_and_named_in_the_report(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    claim = {"text": "It printed drawn.", "evidence": ["root.0.0"]}
    model = ScriptedModel([call("draw"), call("submit", answer="It printed drawn.", claims=[claim])], profile=SEEING)
    async with studio(ledger, StudioServices(model, folder, tools=[DRAW])) as runner:
        report = await runner.wait(await runner.start(Task(goal="Draw")))
    (cited,) = report.evidence
    assert isinstance(cited, ToolResult)
    assert [picture.sha256 for picture in cited.images] == [report.pictures[0].sha256]
    assert await save_artefacts(ledger, report, tmp_path / "saved") == []
    assert (tmp_path / "saved/pictures/1-root.0.0.png").read_bytes() == png(64, 48)
    console = Console(width=120, record=True)
    console.print(report_view(report))
    text = console.export_text()
    assert "64x48" in text
    assert "printed and drew a picture: drawn" in text


async def test_a_picture_that_a_program_saved_is_looked_at_by_the_model(ledger: Ledger, folder: Path) -> None:
    code = f"import base64; open('plot.png', 'wb').write(base64.b64decode({base64.b64encode(png(40, 30)).decode()!r}))"
    model = ScriptedModel([call("python", code=code), call("view_image", path="plot.png"), DONE], profile=SEEING)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Plot")))
    (shown,) = [m["content"] for m in model.asked[2].messages if isinstance(m["content"], list)]
    assert shown[1]["image_url"]["url"].startswith("data:image/")
    assert [(p.evidence, p.width, p.height) for p in report.pictures] == [("root.1.0", 40, 30)]
    assert [artefact.path for artefact in report.artefacts] == ["plot.png"]


def picture(width: int = 1000, height: int = 750) -> Picture:
    return Picture(sha256="0" * 64, media_type="image/png", width=width, height=height)


def test_pictures_weigh_in_a_transcript_and_go_first_when_it_is_shortened() -> None:
    words = Transcript([{"role": "user", "content": "Draw."}])
    before = words.size
    words.append(picture_message("root.0.0", [picture()]))
    assert words.size > before + picture().weight
    assert picture().weight == 3_500
    words.extend({"role": "assistant", "content": "x" * 300} for _ in range(12))
    shorter = compacted(words, room=words.size - 1_000)
    assert not any(pictures_of(message) for message in shorter)
    assert "recall it by its id" in shorter[1]["content"]
    assert "root.0.0" in shorter[1]["content"]


def test_only_as_many_pictures_as_there_is_room_for() -> None:
    assert within([picture()] * 3, 7_500) == ([picture()] * 2, [picture()])


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(3, 5), ("image/png", 3, 5)),
        (b"GIF89a\x03\x00\x05\x00", ("image/gif", 3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x02\0\0\x04\0\0", ("image/webp", 3, 5)),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x0b\x08\0\5\0\3\1\1\x11\0", ("image/jpeg", 3, 5)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_what_a_picture_is(data: bytes, size: tuple[str, int, int] | None) -> None:
    assert picture_size(data) == size


async def test_what_is_no_picture_is_left_out_and_said_so(ledger: Ledger) -> None:
    images = [
        given(b"<script>"),
        ToolImage(media_type="image/png", data="%%%"),
        given(png(4, 4), "image/gif"),
        given(png(0, 4)),
        given(png(4, 4) + b"x" * LARGEST),
        given(png(4, 4)),
    ]
    kept, notes = await kept_pictures(images, ledger.blobs)
    assert [(item.width, item.height) for item in kept] == [(4, 4)]
    assert [note.split(" ", 2)[1] for note in notes] == ["1", "2", "3", "4", "5"]
