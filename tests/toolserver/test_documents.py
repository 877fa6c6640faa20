"""Documents are read as text and tables by range; what is made to do harm gives a typed error and ends nothing else."""

import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.toolserver.asking import ask, processes_with
from toolserver.client import Sandbox
from toolserver.testing import InProcessSandbox


def pdf(*pages: str, trailer: str = "") -> bytes:
    """Return a PDF with one line of text on each page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
        page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents"
        objects += [f"{page} {5 + 2 * number} 0 R>>", f"<</Length {len(stream)}>>stream\n{stream}\nendstream"]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R{trailer}>>"
    return out + f"{end}\nstartxref\n{len(out)}\n%%EOF".encode()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Sales"
    for row in (("item", "units"), ("nut", 3), ("bolt", 4.5)):
        book.active.append(row)
    book.create_sheet("Other").append(["x"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


async def test_pages_of_a_pdf_are_read_by_range(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.pdf").write_bytes(pdf("First words", "Second words", "Third words"))

    outcome = await ask(sandbox, "read_document", path="a.pdf", start=2, count=1)

    assert outcome.text == "a.pdf: pdf, pages 2 to 2 of 3\n[page 2]\nSecond words\n[read on with start=3]"
    assert outcome.data["parts"] == [{"name": "page 2", "text": "Second words", "rows": None}]


async def test_a_page_without_text_is_said_to_have_none(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.pdf").write_bytes(pdf(""))

    assert "no text on this page" in (await ask(sandbox, "read_document", path="a.pdf")).text


async def test_paragraphs_and_tables_of_a_docx_come_in_their_order(sandbox: InProcessSandbox) -> None:
    document = docx.Document()
    document.add_heading("Report", 1)
    table = document.add_table(2, 2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "abcd", strict=True):
        cell.text = text
    document.add_paragraph("The end.")
    document.save(str(sandbox.workspace / "a.docx"))

    parts = (await ask(sandbox, "read_document", path="a.docx")).data["parts"]

    assert parts == [
        {"name": "paragraph 1: Heading 1", "text": "Report", "rows": None},
        {"name": "paragraph 2: table", "text": "", "rows": [["a", "b"], ["c", "d"]]},
        {"name": "paragraph 3", "text": "The end.", "rows": None},
    ]


async def test_rows_of_a_sheet_are_read_and_other_sheets_named(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.xlsx").write_bytes(workbook())

    first = await ask(sandbox, "read_document", path="a.xlsx", start=2)
    other = await ask(sandbox, "read_document", path="a.xlsx", sheet="Other")

    assert first.data["sheets"] == ["Sales", "Other"]
    assert first.data["parts"] == [
        {"name": "sheet 'Sales', rows 2 to 3", "text": "", "rows": [["nut", "3"], ["bolt", "4.5"]]}
    ]
    assert first.data["total"] == 3
    assert other.data["parts"][0]["rows"] == [["x"]]
    assert (await ask(sandbox, "read_document", path="a.xlsx", sheet="None")).error == "no_such_part"


async def test_csv_is_read_with_its_own_delimiter_and_quotes(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.csv").write_text('name;price\n"nut; small";1,5\n')

    outcome = await ask(sandbox, "read_document", path="a.csv")

    assert outcome.data["parts"][0]["rows"] == [["name", "price"], ["nut; small", "1,5"]]


async def test_a_long_table_is_read_on_where_it_ended(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.csv").write_text("".join(f"{n},x\n" for n in range(2_000)))

    first = await ask(sandbox, "read_document", path="a.csv")
    rest = await ask(sandbox, "read_document", path="a.csv", start=int(str(first.data["end"])) + 1, count=5)

    assert first.text.endswith("[read on with start=501]")
    assert rest.data["parts"][0]["rows"][0] == ["500", "x"]


async def test_what_is_too_long_to_show_can_be_read_in_full(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.csv").write_text("".join(f"{n},{'x' * 500}\n" for n in range(400)))

    outcome = await ask(sandbox, "read_document", path="a.csv")
    rest = await ask(sandbox, "read_output", id=outcome.data["output"], start_line=400, lines=1)

    assert len(outcome.text) < 41_000
    assert len(str(outcome.data)) < 60_000
    assert "398\txxx" in rest.text


async def test_html_loses_its_scripts_and_keeps_its_cells(sandbox: InProcessSandbox) -> None:
    page = "<head><title>t</title></head><h1>Hi</h1><script>evil()</script><table><tr><td>a<td>b</table>"
    (sandbox.workspace / "a.html").write_text(page)

    assert (await ask(sandbox, "read_document", path="a.html")).data["parts"][0]["text"] == "Hi\na\tb"


def locked_pdf() -> bytes:
    key = "/Filter/Standard/V 1/R 2/O(12345678901234567890123456789012)/U(12345678901234567890123456789012)/P -4"
    return pdf("secret", trailer=f"/Encrypt<<{key}>>/ID[(a)(a)]")


def bomb() -> bytes:
    """A workbook whose sheet is a gigabyte of spaces."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(b" " * 1024 * 1024)
    return buffer.getvalue()


def liar() -> bytes:
    """A document whose entry says that it is one byte long."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * 1_000_000)
    data = buffer.getvalue()
    return data.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 1))


def laughs() -> bytes:
    """A document whose XML multiplies itself a billion times."""
    buffer, target = io.BytesIO(), io.BytesIO()
    docx.Document().save(buffer)
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                head, _, body = content.partition(b"<w:body>")
                _, _, root = head.partition(b"?>\n")
                text = b"<w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p>"
                content = b"<!DOCTYPE d [" + entities.encode() + b"]>" + (root or head) + text + body
            archive.writestr(name, content)
    return target.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "broken.pdf": ("damaged", lambda: b"%PDF-1.4\n" + os.urandom(2_000)),
    "locked.pdf": ("encrypted", locked_pdf),
    "broken.docx": ("damaged", lambda: b"PK\x03\x04" + os.urandom(500)),
    "other.docx": ("damaged", workbook),
    "cut.xlsx": ("damaged", lambda: workbook()[:-200]),
    "locked.xlsx": ("encrypted", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)),
    "bomb.xlsx": ("too_large", bomb),
    "liar.docx": ("damaged", liar),
    "laughs.docx": ("damaged", laughs),
    "a.exe": ("unknown_format", lambda: b"MZ"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
async def test_hostile_documents_give_typed_errors(sandbox: InProcessSandbox, name: str) -> None:
    error, content = HOSTILE[name]
    (sandbox.workspace / name).write_bytes(content())

    outcome = await ask(sandbox, "read_document", path=name)

    assert (outcome.ok, outcome.error) == (False, error), outcome.text
    assert "\n" not in outcome.text


async def test_a_sheet_that_claims_to_be_huge_costs_only_what_it_holds(sandbox: InProcessSandbox) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, content.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:XFD1048576"'))
    (sandbox.workspace / "a.xlsx").write_bytes(target.getvalue())

    outcome = await ask(sandbox, "read_document", path="a.xlsx", seconds=20)

    assert outcome.data["total"] == 3, outcome.text


async def test_documents_outside_are_not_read(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("secret")
    (sandbox.workspace / "link.csv").symlink_to(tmp_path / "a.csv")

    assert (await ask(sandbox, "read_document", path="link.csv")).error == "outside_workspace"


async def test_documents_are_read_inside_the_namespaces_and_no_process_stays(local: Sandbox) -> None:
    await local.upload("a.pdf", pdf("Inside"))

    assert "Inside" in (await ask(local, "read_document", path="a.pdf")).text
    assert processes_with("toolserver.node.workers document") == []
