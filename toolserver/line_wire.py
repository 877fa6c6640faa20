"""What all programs share that a host talks to in lines: one JSON object a line, several calls at a time."""

from typing import Final

from toolserver.protocol import Fact, Form

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one message."""

PIECE: Final = 1024 * 1024
"""Bytes in one ``Piece``, before base64."""


class Cancel(Form, tag="cancel"):
    """Stop doing what was asked under an id; it is answered all the same, unless it was already."""

    id: int


class Piece(Fact, tag="piece"):
    """Bytes that belong to an answer."""

    id: int
    data: bytes
