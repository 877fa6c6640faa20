"""Make a bounded picture of an image file."""

import warnings
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from toolserver.errors import ToolFailure
from toolserver.node.workers.serving import one_line, serve
from toolserver.node.workspace import Workspace, shown

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MAX_PIXELS: Final = 64_000_000
LOSSLESS_BYTES: Final = 1_500_000
"""A picture that is larger than this as PNG is given as JPEG."""


def view(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write ``picture`` into the folder and return what it shows."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    path = request["path"]
    try:
        with Workspace(Path.cwd()).open_file(path) as file:
            return _picture(file, request["side"], folder / "picture")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ToolFailure("too_large", f"{shown(path)}: more than {MAX_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:
        raise ToolFailure("not_an_image", f"{shown(path)}: is no {', '.join(FORMATS)} image") from error
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError) as error:
        raise ToolFailure("damaged", f"{shown(path)}: {one_line(error)}") from error


def _picture(file: BinaryIO, side: int, target: Path) -> dict[str, Any]:
    with Image.open(file, formats=FORMATS) as image:
        answer = {
            "format": (image.format or "").lower(),
            "width": image.width,
            "height": image.height,
            "frames": getattr(image, "n_frames", 1),
        }
        image.draft("RGB", (side, side))
        picture: Image.Image = ImageOps.exif_transpose(image) or image
        see_through = picture.has_transparency_data
        picture = picture.convert("RGBA" if see_through else "RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    media_type = "image/png"
    picture.save(target, "PNG", optimize=False)
    if target.stat().st_size > LOSSLESS_BYTES:
        media_type = "image/jpeg"
        if see_through:
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture.convert("RGB").save(target, "JPEG", quality=85)
    return {**answer, "media_type": media_type, "shown_width": picture.width, "shown_height": picture.height}


if __name__ == "__main__":
    serve(view)
