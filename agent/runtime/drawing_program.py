"""The program of a drawing process: a file comes on standard input, a line and a picture go to standard output."""

import io
import resource
import sys
from typing import Any, Final

_MEMORY: Final = 1_500_000_000
_SECONDS: Final = 25
_PIXELS: Final = 60_000_000
"""Of a picture that is opened."""

_LONGEST: Final = 6_000
"""Pixels of a page's longer side."""


def main() -> int:
    """Draw what the arguments say: ``pdf PAGE WIDTH`` or ``picture 1 SIDE``."""
    what, page, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # no file may be written, whatever the reader of the file is talked into
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        head, picture = _page(data, page, size) if what == "pdf" else _smaller(data, size)
    except _Refused as error:
        head, picture = f"failed {error}", b""
    except MemoryError:
        head, picture = "failed it takes more memory than drawing may take; download it instead", b""
    sys.stdout.buffer.write(f"{head}\n".encode() + picture)
    return 0


class _Refused(Exception):
    """Why nothing was drawn."""


def _page(data: bytes, number: int, width: int) -> tuple[str, bytes]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            count = len(document)
            if not 1 <= number <= count:
                raise _Refused(f"it has pages 1 to {count}" if count else "it has no pages")
            page = document[number - 1]
            wide, high = page.get_size()
            if not (0 < wide < 1e6 and 0 < high < 1e6):
                raise _Refused("the page has no size that could be drawn")
            scale = min(width / wide, _LONGEST / high, _LONGEST / wide)
            image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        secret = "password" in str(error).lower()
        raise _Refused("it needs a password" if secret else "it is no PDF document that can be read") from error
    return _written(image, "PNG", count)


def _smaller(data: bytes, side: int) -> tuple[str, bytes]:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = _PIXELS
    try:
        image: Any = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP"))
        if image.width * image.height > _PIXELS:
            raise _Refused(f"it has more than {_PIXELS:,} pixels")
        image.draft("RGB", (side, side))
        image.load()
        image.thumbnail((side, side))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise _Refused("it is no picture that can be read") from error
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    return _written(image.convert("RGBA" if clear else "RGB"), "PNG" if clear else "JPEG", 1)


def _written(image: Any, form: str, pages: int) -> tuple[str, bytes]:
    out = io.BytesIO()
    image.save(out, form, **({"quality": 82} if form == "JPEG" else {"optimize": False}))
    return f"drawn image/{form.lower()} {image.width} {image.height} {pages}", out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
