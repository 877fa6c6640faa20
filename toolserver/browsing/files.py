"""What either tier gets: a page or a file, with its bytes."""

from typing import NamedTuple

from toolserver.browsing.wire import FileAnswer, PageAnswer


class FetchedPage(NamedTuple):
    """A page, and the bytes it was made of; of the browser, the document as it stood, in UTF-8."""

    page: PageAnswer
    raw: bytes


class FetchedFile(NamedTuple):
    """A file, and its bytes."""

    file: FileAnswer
    raw: bytes
