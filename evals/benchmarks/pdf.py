"""A long PDF document, written by hand so that nothing but the text to be found depends on a library."""

import itertools
import random
from collections.abc import Sequence

_LINES = 40
_WIDTH = 90
_VOCABULARY = 5000
_SYLLABLES = [
    "ba",
    "co",
    "de",
    "fi",
    "gu",
    "ha",
    "ki",
    "lo",
    "ma",
    "ne",
    "po",
    "ra",
    "si",
    "tu",
    "va",
    "we",
    "zo",
    "pre",
    "con",
    "ter",
]


def pdf_of(pages: Sequence[str]) -> bytes:
    """Return a PDF document with a page for each text, in Helvetica; texts are ASCII."""
    # objects 1 to 3 are the catalogue, the tree of pages and the font; each page has one more for what is drawn
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, text in enumerate(pages):
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * index} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        drawn = _drawn(text)
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn)]
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def handbook(pages: int, facts: dict[int, str], *, seed: int = 0) -> bytes:
    """Return a PDF document of filler sentences with facts on some of its pages.

    The filler has the words of the facts, too, so that each of them stands on other pages as well.

    Args:
        pages: how many.
        facts: a sentence by page number, counted from 1.
        seed: of the filler.
    """
    rng = random.Random(seed)  # noqa: S311 - filler, no secret
    shared = sorted({word for fact in facts.values() for word in fact.rstrip(".").split() if word.isalpha()})
    words = shared + ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(_VOCABULARY)]
    rng.shuffle(words)
    # Zipf: the word of rank r is drawn with a weight of 1/r
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    texts = []
    for number in range(1, pages + 1):
        sentences = [
            f"{' '.join(rng.choices(words, cum_weights=weights, k=rng.randint(8, 16))).capitalize()}."
            for _ in range(_LINES)
        ]
        if number in facts:
            sentences[_LINES // 2] = facts[number]
        texts.append(f"Page {number} of the handbook.\n" + "\n".join(sentences))
    return pdf_of(texts)


def _drawn(text: str) -> bytes:
    lines = [piece for line in text.splitlines() for piece in _wrapped(line)]
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    return f"BT /F1 9 Tf 11 TL 40 810 Td\n{shown}\nET".encode("ascii")


def _wrapped(line: str) -> list[str]:
    pieces: list[str] = [""]
    for word in line.split():
        if len(pieces[-1]) + len(word) > _WIDTH:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {word}".strip()
    return pieces


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
