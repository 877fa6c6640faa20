"""Images of the workspace come back as bounded pictures."""

import base64
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.toolserver.asking import ask
from toolserver.client import Sandbox, ToolOutcome
from toolserver.testing import InProcessSandbox


def shown(outcome: ToolOutcome) -> Image.Image:
    [image] = outcome.images
    picture = Image.open(io.BytesIO(base64.b64decode(image.data)))
    assert Image.MIME[str(picture.format)] == image.media_type
    return picture


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp", "tiff"])
async def test_every_kind_is_shown(sandbox: InProcessSandbox, kind: str) -> None:
    Image.new("RGB", (40, 20), "red").save(sandbox.workspace / f"a.{kind}")

    outcome = await ask(sandbox, "view_image", path=f"a.{kind}")

    assert outcome.text == f"a.{kind}: {kind}, 40 x 20 pixels."
    assert shown(outcome).convert("RGB").getpixel((3, 3))[0] > 250  # type: ignore[index]


async def test_a_large_image_is_made_smaller_and_says_so(sandbox: InProcessSandbox) -> None:
    Image.effect_noise((3000, 1500), 100).convert("RGB").save(sandbox.workspace / "a.png")

    outcome = await ask(sandbox, "view_image", path="a.png", side=800)

    assert shown(outcome).size == (800, 400)
    assert outcome.text == "a.png: png, 3000 x 1500 pixels, shown as 800 x 400."
    assert outcome.data["width"] == 3000


async def test_a_picture_taken_sideways_stands_upright(sandbox: InProcessSandbox) -> None:
    image = Image.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(sandbox.workspace / "a.jpg", exif=exif)

    assert shown(await ask(sandbox, "view_image", path="a.jpg")).size == (20, 40)


async def test_nothing_but_the_picture_is_given(sandbox: InProcessSandbox) -> None:
    image = Image.new("RGB", (4, 4))
    exif = image.getexif()
    exif[0x010E] = "a secret place"
    image.save(sandbox.workspace / "a.jpg", exif=exif)

    outcome = await ask(sandbox, "view_image", path="a.jpg")

    assert b"secret" not in base64.b64decode(outcome.images[0].data)


async def test_the_frames_of_an_animation_are_counted(sandbox: InProcessSandbox) -> None:
    first, *more = (Image.new("L", (8, 8), shade) for shade in (0, 100, 200))
    first.save(sandbox.workspace / "a.gif", save_all=True, append_images=more)

    assert "the first of 3 frames" in (await ask(sandbox, "view_image", path="a.gif")).text


def huge_png() -> bytes:
    """A PNG of a few bytes that says it has ten thousand million pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("content", "error"), [(huge_png(), "too_large"), (b"no image", "not_an_image"), (b"", "not_an_image")]
)
async def test_hostile_images_give_typed_errors(sandbox: InProcessSandbox, content: bytes, error: str) -> None:
    (sandbox.workspace / "a.png").write_bytes(content)

    outcome = await ask(sandbox, "view_image", path="a.png")

    assert (outcome.error, outcome.images) == (error, ())


async def test_an_image_that_is_cut_off_is_damaged(sandbox: InProcessSandbox) -> None:
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 100).save(buffer, "PNG")
    (sandbox.workspace / "a.png").write_bytes(buffer.getvalue()[:1000])

    assert (await ask(sandbox, "view_image", path="a.png")).error == "damaged"


async def test_images_outside_are_not_shown(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    (sandbox.workspace / "link.png").symlink_to(tmp_path / "a.png")

    assert (await ask(sandbox, "view_image", path="link.png")).error == "outside_workspace"


async def test_a_picture_reaches_the_client_from_inside_the_namespaces(local: Sandbox) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(buffer, "PNG")
    await local.upload("a.png", buffer.getvalue())

    assert shown(await ask(local, "view_image", path="a.png")).size == (4, 4)
