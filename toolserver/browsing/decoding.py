"""What bytes of the web are, and the text they stand for. What a server says of them is a hint and no more."""

import codecs
import re
from typing import Final, Literal

import charset_normalizer

Media = Literal["html", "plain", "pdf", "other"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 65_536
_HEAD: Final = 1024
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML: Final = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,800}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|script|meta|div|p|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
_META: Final = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_WESTERN: Final = ("cp1252", "iso8859-1", "iso8859-15", "latin_1", "cp1250", "ascii")
_ALIASES: Final = {
    # names mean on the web what is usually sent under them
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
}


def media_of(data: bytes, content_type: str) -> Media:
    """Return what bytes are, by themselves and then by what the server says of them."""
    head = data[:_HEAD]
    looks_like_html = _HTML.match(head) is not None
    if b"%PDF-" in head and not looks_like_html:
        return "pdf"
    marked = any(data.startswith(mark) for mark, _ in _BOMS)
    if not marked and len(_CONTROL.findall(data[:_SAMPLE])) * 100 > len(data[:_SAMPLE]):
        return "other"
    if content_type in ("text/html", "application/xhtml+xml"):
        return "html"
    if looks_like_html and not content_type.startswith("text/"):
        return "html"
    return "plain"


def decoded(data: bytes, charset: str, *, is_html: bool) -> tuple[str, str]:
    """Return the text of bytes and the encoding it was in; it never fails.

    A byte order mark decides, then valid UTF-8, then what the server and the page say if it fits, then a guess. Bytes
    that do not fit become U+FFFD.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    declared = [encoding for name in (charset, *_inside(data, is_html=is_html)) if (encoding := _known(name))]
    seven_bits = data.isascii()
    if not seven_bits or not any(encoding.startswith("iso2022") for encoding in declared):
        try:
            return data.decode(), "utf-8"
        except UnicodeDecodeError:
            pass  # then it is something else
    for encoding in declared:
        if _fits(data, encoding):
            return data.decode(encoding), encoding
    almost = data.decode(errors="replace")
    if almost.count("\ufffd") * 20 < len(_MULTIBYTE.findall(data)):
        return almost, "utf-8"
    sample = data[:_SAMPLE]
    # not to end in the middle of a character
    encoding = _guess(sample if len(sample) == len(data) else sample.rpartition(b"\n")[0] or sample)
    return data.decode(encoding, errors="replace"), encoding


def _inside(data: bytes, *, is_html: bool) -> list[str]:
    head = data[:4096]
    found = [_XML.search(head), _META.search(head) if is_html else None]
    return [match[1].decode("ascii", "replace") for match in found if match]


def _known(name: str) -> str:
    name = name.strip().strip("'\"").lower()
    try:
        codec = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return ""
    # there are codecs that give bytes, or none that a page could be in
    return codec.name if getattr(codec, "_is_text_encoding", True) and codec.name not in _NO_PAGE else ""


_NO_PAGE: Final = ("utf-8", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        return False
    return encoding not in _WESTERN or _western(data[:_SAMPLE])


def _western(sample: bytes) -> bool:
    """Return whether high bytes are few and stand alone, as the accents of a western text do."""
    high = _HIGH_RUN.findall(sample)
    return sum(map(len, high)) * 5 < len(sample) and sum(len(run) > 3 for run in high) * 10 <= len(high)


def _guess(sample: bytes) -> str:
    if _western(sample):
        return "cp1252"
    best = charset_normalizer.from_bytes(sample).best()
    return best.encoding if best else "cp1252"
