"""Look at an image of the workspace."""

import base64
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, convert

from toolserver.errors import ToolFailure
from toolserver.node.asking import ask_worker
from toolserver.node.machine import Machine
from toolserver.node.toolbox import Answer, Tool
from toolserver.node.workspace import shown
from toolserver.protocol import Fact, Form, ToolImage

SECONDS: Final = 60.0
MAX_PICTURE: Final = 8 * 1024 * 1024


class ViewImage(Form):
    """Look at a PNG, JPEG, GIF, WebP, BMP or TIFF image of the workspace. Large images are made smaller."""

    path: Annotated[str, Meta(description="Image, relative to the workspace.")]
    side: Annotated[int, Meta(ge=64, le=2048, description="Longest side to show, in pixels.")] = 1024


class ImageView(Fact):
    """What is shown of an image; sizes in pixels.

    Attributes:
        format: of the file.
        width: of the image in the file.
        height: likewise.
        frames: of an animation or a file of several pages; the first is shown.
        media_type: of the picture that is shown.
        shown_width: of the picture that is shown.
        shown_height: likewise.
    """

    format: Literal["png", "jpeg", "gif", "webp", "bmp", "tiff"]
    width: int
    height: int
    frames: int
    media_type: Literal["image/png", "image/jpeg"]
    shown_width: int
    shown_height: int


class ViewTool:
    """Shows images."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(ViewImage, self.view, effects=("reads",)),)

    async def view(self, form: ViewImage) -> Answer:
        """Show an image."""
        output = self._machine.outputs.create()
        try:
            answer, _ = await ask_worker(self._machine, "view", {"path": form.path, "side": form.side}, output, SECONDS)
            with (output.folder / "picture").open("rb") as file:
                picture = file.read(MAX_PICTURE + 1)
        finally:
            output.discard()
        if len(picture) > MAX_PICTURE:
            raise ToolFailure("too_large", f"{shown(form.path)}: cannot be made small enough; ask for a shorter side")
        result = convert(answer, ImageView)
        text = f"{shown(form.path)}: {result.format}, {result.width} x {result.height} pixels"
        if (result.shown_width, result.shown_height) != (result.width, result.height):
            text += f", shown as {result.shown_width} x {result.shown_height}"
        if result.frames > 1:
            text += f", the first of {result.frames} frames"
        image = ToolImage(media_type=result.media_type, data=base64.b64encode(picture).decode())
        return Answer(f"{text}.", result, (image,))
