# ruff: noqa: RUF001 - other scripts are what is tested
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.documents import (
    LARGEST_FILE,
    Document,
    kind_of,
    make_document,
    parse_document,
    read_document,
)
from agent.browsing.errors import UnreadableDocument
from agent.browsing.extraction import closed_up
from agent.verification.quotes import text_digest
from toolserver.testing_web import pdf


def parsed(data: bytes, name: str = "notes.txt") -> Document:
    return parse_document(data, name=name, location=f"/docs/{name}")


def outcome(data: bytes, name: str) -> str:
    """Return "text" or the reason why there is none."""
    try:
        document = parsed(data, name)
    except UnreadableDocument as error:
        return error.reason
    return "text" if document.text.strip() and "\x00" not in document.text else "broken"


def test_a_document_is_named_by_the_digest_of_its_text() -> None:
    document = parsed(b"Some text.")

    assert document.text_sha256 == text_digest("Some text.")
    assert document.id == document.text_sha256[:10]


def test_newlines_become_line_feeds_and_nul_characters_go() -> None:
    assert make_document("a\r\nb\rc\x00d", title="t", location="l").text == "a\nb\ncd"


def test_unicode_is_stored_as_it_was_written() -> None:
    decomposed = "cafe\u0301 \ufb01t"

    assert parsed(decomposed.encode()).text == decomposed


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeffgr\u00fcn".encode(), "gr\u00fcn"),
        ("gr\u00fcn".encode("utf-16"), "gr\u00fcn"),
        ("gr\u00fcn".encode("utf-32"), "gr\u00fcn"),
        ("Das Haus ist gr\u00fcn, die T\u00fcr ist sch\u00f6n und m\u00fcde.".encode("latin-1"), "gr\u00fcn"),
        ("图书馆建于一九二一年，藏书丰富。".encode("gb18030"), "图书馆"),
        ("Библиотека построена в 1921 году".encode("cp1251"), "построена"),
        ("\u00e4\u00f6\u00fc \u00e9\u00e8 ".encode() * 50 + b"\xff", "\u00e4\u00f6\u00fc"),
    ],
    ids=["utf-8 with mark", "utf-16", "utf-32", "latin-1", "gb18030", "cp1251", "utf-8 with one bad byte"],
)
def test_encodings_are_told_apart(data: bytes, text: str) -> None:
    assert text in parsed(data).text


def test_a_web_page_says_its_own_encoding() -> None:
    page = '<html><head><meta charset="shift_jis"><title>\u6771\u4eac</title></head><body>\u6771\u4eac</body></html>'

    assert parsed(page.encode("shift_jis"), "page.html").title == "\u6771\u4eac"


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.html", "a.md", "a.json", "a.pdf"]))
def test_any_bytes_give_a_text_or_a_typed_reason(data: bytes, name: str) -> None:
    assert outcome(data, name) in ("text", "binary", "empty", "damaged", "encrypted")


PAGE = b"""<!DOCTYPE html><html><head><title>Plants &amp; tolls</title><style>p{}</style></head><body>
<script>steal()</script><h1>Plants</h1><p>The North plant<br>made valves.</p><h2>Table</h2>
<table><tr><th>Plant</th><th>Valves</th></tr><tr><td>North</td><td>1,234</td></tr></table>
<p style="display:none">hidden</p></body></html>"""


def test_a_web_page_keeps_title_headings_and_tables_and_drops_what_is_hidden() -> None:
    document = parsed(PAGE, "page.html")

    assert document.title == "Plants & tolls"
    assert [heading.title for heading in document.headings] == ["Plants", "Table"]
    assert "North | 1,234" in document.text
    assert "steal" not in document.text
    assert "hidden" not in document.text


def test_a_deeply_nested_web_page_is_read_or_refused_with_a_reason() -> None:
    page = b"<div>" * 50_000 + b"deep" + b"</div>" * 50_000

    assert outcome(page, "page.html") in ("text", "damaged", "empty")


def test_pages_of_a_pdf_document_can_be_told() -> None:
    document = parsed(pdf("First page.", "Second page."), "paper.pdf")

    assert document.page_of(document.text.index("First")) == 1
    assert document.page_of(document.text.index("Second")) == 2
    assert parsed(b"text").page_of(0) is None


def test_a_pdf_document_is_known_by_its_first_bytes() -> None:
    assert parsed(pdf("Text."), "download").media == "pdf"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"\x7fELF" + bytes(range(32)) * 20, "program", "binary"),
        (b"  \n", "empty.txt", "empty"),
        (b"%PDF-1.4 nonsense", "bad.pdf", "damaged"),
        (pdf(""), "scan.pdf", "empty"),
    ],
)
def test_a_file_without_text_is_refused_with_its_reason(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        parsed(data, name)

    assert caught.value.reason == reason


def test_an_encrypted_pdf_document_is_refused() -> None:
    plain = pdf("Secret.")
    locked = plain.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >>",
    )

    with pytest.raises(UnreadableDocument) as caught:
        parsed(locked, "locked.pdf")

    assert caught.value.reason == "encrypted"


def test_a_missing_file_a_folder_and_a_pipe_are_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.reason == "unreadable"


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    with pytest.raises(UnreadableDocument) as caught:
        read_document(tmp_path / "big.txt")

    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.MD", "markdown"),
        ("a.htm", "html"),
        ("a.csv", "table"),
        ("a.json", "data"),
        ("a.py", "code"),
        ("README", "text"),
    ],
)
def test_the_ending_tells_the_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_the_first_heading_is_the_title_of_a_markdown_file_and_its_name_that_of_others() -> None:
    assert parsed(b"# The plants\n\nText.", "a.md").title == "The plants"
    assert parsed(b"Text.", "a.md").title == "a.md"


def test_each_line_of_code_and_tables_is_a_sentence() -> None:
    document = parsed(b"import os\nimport re\n\nx = 1. \n", "a.py")

    assert [document.text[start:end] for start, end in document.sentences] == ["import os", "import re", "x = 1."]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("对 于 定 时 系 统， 你 能 以 root 运 行", "对于定时系统， 你能以 root 运行"),
        ("姓名 年龄 住址", "姓名 年龄 住址"),
        ("使用 UUID 访问 分区", "使用 UUID 访问 分区"),
        ("a b c d e f", "a b c d e f"),
    ],
)
def test_spaces_of_justification_are_taken_out_of_chinese_lines_and_no_others(line: str, read: str) -> None:
    assert closed_up(line) == read
