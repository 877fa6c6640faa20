"""What is made of the bytes of pages: all that is shown, in order, and nothing that is not."""

import re
from pathlib import Path

import pytest
from lxml import html

from toolserver.browsing import reader
from toolserver.browsing.content import Content, content_of
from toolserver.browsing.decoding import decoded, media_of
from toolserver.browsing.judging import judge
from toolserver.browsing.pdf import PdfContent, pdf_content
from toolserver.browsing.reading import Job, Read
from toolserver.browsing.transfer import Arrived, retry_after
from toolserver.browsing.wire import Extractor
from toolserver.errors import PageFailed
from toolserver.testing_web import pdf

DOCUMENTATION = Path("/usr/share/doc/python3.11/html")


def content(body: str, *, head: str = "") -> Content:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return content_of(page, "https://example.org/docs/a.html", longest=5_000_000, links=5000)


def text(body: str, *, head: str = "") -> str:
    return content(body, head=head).rendered.text


def documentation(name: str) -> tuple[str, Content]:
    file = DOCUMENTATION / name
    if not file.exists():
        pytest.skip(f"{file} is not there; install the Debian package python3.11-doc")
    source = file.read_text(encoding="utf-8")
    return source, content_of(source, f"http://docs/{name}", longest=5_000_000, links=5000)


@pytest.mark.parametrize(
    "name", ["library/statistics.html", "library/functions.html", "glossary.html", "faq/general.html", "faq/index.html"]
)
def test_a_page_of_documentation_keeps_every_word_of_its_main_part_in_order(name: str) -> None:
    source, read = documentation(name)
    main = html.fromstring(source).xpath("//*[@role='main']")[0]
    for mark in main.xpath(".//a[@class='headerlink']"):
        mark.drop_tree()
    for control in main.xpath(".//script | .//style"):
        control.drop_tree()

    # a bar between cells and a dash before items are all that is ours
    shown = re.sub(r"(?m)^- ", "", read.rendered.text).replace(" | ", " ")
    assert "".join(shown.split()) == "".join(main.text_content().replace(" | ", " ").split())


def test_an_entry_stands_between_its_signature_and_its_note() -> None:
    _, read = documentation("library/statistics.html")
    shown, anchors = read.rendered.text, dict(read.rendered.anchors)

    entry = shown[anchors["statistics.fmean"] : anchors["statistics.geometric_mean"]]
    assert entry.startswith("statistics.fmean(data, weights=None)\n\nConvert data to floats")
    assert entry.rstrip().endswith("New in version 3.8.\n\nChanged in version 3.11: Added support for weights.")
    assert ">>> fmean([3.5, 4.0, 5.25])\n4.25\n" in entry
    assert shown[anchors["module-statistics"] :].startswith("statistics \u2014 Mathematical statistics functions\n")


def test_links_of_documentation_stand_where_their_text_is() -> None:
    _, read = documentation("library/functions.html")

    shown = read.rendered.text
    wrong = [
        link
        for link in read.rendered.links
        if " ".join(shown[link[2] :][: len(link[0]) + 9].split())[: len(link[0])] != link[0]
    ]
    assert len(read.rendered.links) > 400
    assert wrong == []


def test_tables_are_rows_and_code_is_lines() -> None:
    body = "<main><table><tr><th>Name</th><th>Height</th></tr><tr><td>Tower</td><td>41 <b>m</b></td></tr></table>"
    code = "<pre>def f(x):\n    return  x\n\n# end</pre><p>After.</p></main>"

    assert text(body + code) == "Name | Height\nTower | 41 m\n\ndef f(x):\n    return  x\n\n# end\n\nAfter."


def test_a_table_that_is_a_layout_is_no_row() -> None:
    body = '<main><table role="presentation"><tr><td><p>One.</p></td><td><p>Two.</p></td></tr></table></main>'

    assert text(body) == "One.\nTwo."


def test_words_are_not_joined_or_split_by_marks_inside_of_them() -> None:
    items = "<ul><li>first<ul><li>inner</li></ul></li><li>second</li></ul>"
    body = f"<main><p>It <b>is</b>n't <i>very</i>\n far<br>from here.</p>{items}</main>"

    assert text(body) == "It isn't very far\nfrom here.\n\n- first\n- inner\n- second"


ARTICLE = "".join(
    f"<p>Paragraph {n} of the report says at some length what was found on day {n} of the survey, and why.</p>"
    for n in range(12)
)


def test_without_a_main_part_the_page_s_own_text_is_found() -> None:
    menu = "<div class=menu><ul>" + "".join(f"<li><a href=/{n}>Topic {n}</a></li>" for n in range(30)) + "</ul></div>"
    body = f"<nav>Home</nav>{menu}<div id=c><h1>The survey</h1>{ARTICLE}</div><footer>Imprint and more</footer>"
    read = content(body)

    assert read.method == "trafilatura"
    assert read.rendered.text.startswith("The survey\n\nParagraph 0 of the report")
    assert all(f"Paragraph {n} of" in read.rendered.text for n in range(12))
    assert "Topic" not in read.rendered.text
    assert "Imprint" not in read.rendered.text


def test_a_main_part_that_holds_next_to_nothing_is_not_believed() -> None:
    assert "Paragraph 5 of the report" in text(f"<main>Menu</main><div>{ARTICLE}</div>")


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="DISPLAY : None !important">TRAP</p>',
        '<p style="visibility:collapse">TRAP</p>',
        '<div style="overflow:hidden;height:0"><p>TRAP</p></div>',
        '<p style="position:fixed;top:-5000px">TRAP</p>',
        '<p style="margin-left:-3000px;position:relative">TRAP</p>',
        '<p style="transform:translateX(-9999px)">TRAP</p>',
        '<p style="font:0/0 a">TRAP</p>',
        '<p style="color:#FFF">TRAP</p>',
        '<p style="color:rgb(255, 255, 255)">TRAP</p>',
        '<p style="color:transparent">TRAP</p>',
        '<font color="white">TRAP</font>',
        '<p style="clip-path:inset(50%)">TRAP</p>',
        "<dialog>TRAP</dialog>",
        "<svg><text>TRAP</text></svg>",
        "<iframe>TRAP</iframe>",
        "<textarea>TRAP</textarea>",
        '<p class="a b">TRAP</p>',
        '<div hidden="until-found">TRAP</div>',
        '<p style="display:/**/none">TRAP</p>',
        '<p style="display:none ! important">TRAP</p>',
        '<p style="display:none!important;display:block">TRAP</p>',
        '<p style="display:none;display:nonsense">TRAP</p>',
        '<p style="opacity:0;opacity:much">TRAP</p>',
        '<p style="d\\69splay:none">TRAP</p>',
        '<p style="display:n\\6f ne">TRAP</p>',
        '<p class="screen">TRAP</p>',
        '<p class="any">TRAP</p>',
        '<p class="wide">TRAP</p>',
        '<p class="escaped">TRAP</p>',
        '<p style="color:rgba(0,0,0,0)">TRAP</p>',
        '<p style="color:#0000">TRAP</p>',
        '<p style="color:hsl(0 0% 100%)">TRAP</p>',
        '<p style="color:#fffffe">TRAP</p>',
        '<p style="text-indent:-9e3px">TRAP</p>',
        "<!--[if IE]>TRAP<![endif]-->",
    ],
)
def test_text_that_is_not_seen_is_not_read(hidden: str) -> None:
    head = (
        "<style>/* x */ .b.a { opacity: 0 } @media print { .kept { display:none } } P.screen { color: red } "
        "@media (max-width:600px) { .kept { display: none } } @media not screen { .kept { display: none } } "
        "@media only screen { P.screen { display:none } } @media all { @layer x { .any { display: none } } } "
        "@media screen and (min-width: 40em) { .wide { visibility: hidden } } .\\65scaped { display: none }"
        "</style><style media=print>.kept { display: none }</style>"
    )

    assert text(f"<main><p>Before.</p>{hidden} <p class=kept>After.</p></main>", head=head) == "Before.\n\nAfter."


def test_styles_are_read_as_browsers_read_them() -> None:
    styles = (
        "display:none;display:block",
        "display:nonsense",
        "opacity:0;opacity:.9",
        "color:#000",
        "color:white;color:red",
    )
    body = "".join(f'<p style="{style}">Seen {number}.</p>' for number, style in enumerate(styles))

    assert text(f"<main>{body}</main>").count("Seen") == len(styles)


@pytest.mark.parametrize("style", ["(" * 100_000, "color:" + "rgb(" * 50_000, "{" * 100_000, "display:none;" * 20_000])
def test_styles_without_sense_are_no_obstacle(style: str) -> None:
    page = f'<main><p>Seen.</p><p style="color:red;{style}">x</p></main>'

    assert text(page, head=f"<style>{style}</style>").startswith("Seen.")


def test_what_stands_beside_hidden_text_stays() -> None:
    assert text("<main><p>One <span hidden>TRAP</span>two<!-- x --> three.</p></main>") == "One two three."


def test_characters_that_no_text_has_are_no_obstacle() -> None:
    assert text("<main><p>One \x0b<span hidden>TRAP</span>\x01 two&#11;.</p></main>") == "One two."


def test_white_text_is_seen_where_a_style_sheet_may_make_the_ground_dark() -> None:
    assert text('<main><div class="dark"><p style="color:white">Seen.</p></div></main>') == "Seen."
    assert text('<main class="page"><p>Seen.</p><p style="color:white">TRAP</p></main>') == "Seen."


def test_a_page_that_nests_deep_or_is_broken_is_read() -> None:
    assert text("<main>" + "<div>" * 1000 + "inner") == "inner"
    # the parser gives up at some depth; that must not end the program
    assert text("<main>" + "<div>" * 100_000 + "inner") in ("", "inner")
    assert text("<main><p>One<p>Two</b></i></main></main><p>") == "One\n\nTwo"


def test_links_and_anchors_of_a_page_have_one_budget() -> None:
    links = "".join(f"<p id=p{n}><a href='?{n}'>Page {n}</a></p>" for n in range(4000))
    read = content(f"<main id={'m' * 201}>{links}</main>", head=f'<base href="http://h/{"a" * 7900}">')

    told = sum(len(text) + len(url) for text, url, _ in read.rendered.links)
    told += sum(len(name) for name, _ in read.rendered.anchors)
    assert 400_000 < told <= 500_000
    assert read.rendered.anchors[0][0] == "p0"
    assert "Page 3999" in read.rendered.text


@pytest.mark.parametrize("tag", ["p", "pre"])
def test_of_a_text_that_is_too_long_the_beginning_is_read(tag: str) -> None:
    page = f"<main><p>First.</p><{tag}>{'word ' * 5000}</{tag}><p>Last.</p></main>"
    read = content_of(page, "https://example.org/", longest=1000, links=5).rendered

    assert read.text.startswith("First.\n\nword word")
    assert 990 < len(read.text) <= 1002
    assert read.cut


def test_an_address_of_the_base_counts_for_links() -> None:
    read = content('<main><p>See <a href="b.html">the next page</a>.</p></main>', head='<base href="/other/">')

    assert read.rendered.links == [("the next page", "https://example.org/other/b.html", 4)]


@pytest.mark.parametrize(
    ("data", "declared", "encoding"),
    [
        ("naïve café".encode(), "iso-8859-1", "utf-8"),
        ("灯塔建于一八五七年".encode("gb18030"), "utf-8", "gb18030"),
        ("灯塔建于一八五七年".encode("gb18030"), "gbk", "gb18030"),
        (
            "\u706f\u53f0\u306f\u6d77\u306e\u8fd1\u304f\u306b\u3042\u308a\u307e\u3059".encode("shift_jis"),
            "Shift_JIS",
            "cp932",
        ),
        ("naïve café, and more of it".encode("cp1252"), "", "cp1252"),
        ("\ufeffhello".encode("utf-16"), "utf-8", "utf-16"),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "iso2022_jp"),
        ("naïve café, and more of it".encode("cp1252"), "no-such-charset", "cp1252"),
    ],
)
def test_the_bytes_decide_before_what_is_said_of_them(data: bytes, declared: str, encoding: str) -> None:
    assert decoded(data, declared, is_html=False)[1] == encoding


def test_what_bytes_are() -> None:
    assert media_of(b"%PDF-1.7 ...", "text/html") == "pdf"
    assert media_of(b"<!DOCTYPE html><p>%PDF-</p>", "application/pdf") == "html"
    assert media_of(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "text/html") == "other"
    assert media_of(b"<html>", "text/plain") == "plain"
    assert media_of(b'{"a": 1}', "application/json") == "plain"


def judged(text: str, *, title: str = "", scripts: int = 0, password: bool = False, links: int = 0) -> bool:
    read = Read(
        media="html",
        title=title,
        text=text,
        extractor=Extractor(name="x", version="1"),
        scripts=scripts,
        password=password,
    )
    return judge(Arrived("https://example.org/", 200, "text/html", "", "", b""), read)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("\u00b2", None), ("1" * 400, 111111.0), ("Mon, 99 Foo 2026", None), ("", None)],
)
def test_how_long_to_wait_is_a_number_that_can_be_reckoned_with(value: str, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_a_dialog_that_stands_open_is_read_and_a_closed_one_is_not() -> None:
    assert text("<main><dialog open><p>Seen.</p></dialog><dialog>TRAP</dialog></main>") == "Seen."


def test_an_article_about_challenges_and_logins_is_an_article() -> None:
    about = "A page may ask: are you a robot? Verify you are human. Sign in with a password. Enable JavaScript. "

    assert judged(about * 20, scripts=3, password=True) is False


def test_a_short_page_with_a_login_in_its_corner_is_read_unless_it_asks_for_one() -> None:
    assert judged("The tide tables of the harbour are printed each year by the council.", password=True) is False
    with pytest.raises(PageFailed, match="login"):
        judged("Please sign in to read the tide tables.", password=True)


def test_little_text_with_scripts_hints_at_a_browser() -> None:
    assert judged("The harbour opens at seven in the morning.", scripts=2) is True
    assert judged("The harbour opens at seven in the morning.") is False


def test_lists_of_code_names_and_chinese_are_no_word_lists() -> None:
    code = "\n".join(f"value{n} = compute(other{n})" for n in range(100))

    assert judged(code) is False
    assert judged("灯塔高四十一米" * 60) is False
    with pytest.raises(PageFailed, match="list of words"):
        judged(" ".join(f"casino hotel flights cheap{n}" for n in "abcdefghij" * 10))


def drawn(stream: str) -> PdfContent:
    """Return what is read of a document of one page that is drawn by these commands."""
    placed, line = pdf("x"), "BT /F1 12 Tf 50 700 Td (x) Tj ET"
    whole = f"BT /F1 12 Tf 50 700 Td (The tower is 41 metres high.) Tj ET {stream}"
    old, new = (f"<< /Length {len(text)} >>\nstream\n{text}".encode() for text in (line, whole))
    return pdf_content(placed.replace(old, new), longest=10_000)


@pytest.mark.parametrize(
    "stream",
    [
        "BT 3 Tr /F1 12 Tf 50 600 Td (TRAP) Tj ET",
        "1 1 1 rg BT /F1 12 Tf 50 600 Td (TRAP) Tj ET",
        "BT /F1 0.1 Tf 50 500 Td (TRAP) Tj ET",
        "BT /F1 12 Tf 0.01 0 0 0.01 50 500 Tm (TRAP) Tj ET",
        "BT /F1 12 Tf 5000 5000 Td (TRAP) Tj ET",
        "BT /F1 12 Tf 50 -30 Td (TRAP) Tj ET",
    ],
)
def test_text_of_a_document_that_is_not_seen_is_not_read(stream: str) -> None:
    read = drawn(stream)

    assert (read.text, read.recognised) == ("The tower is 41 metres high.", False)


def test_text_of_a_document_that_is_seen_is_read() -> None:
    dark = "0 0 0 rg 40 590 300 30 re f 1 1 1 rg BT /F1 12 Tf 50 600 Td (White on black.) Tj ET"
    scan = "q 600 0 0 100 0 500 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q BT 3 Tr /F1 12 Tf 50 550 Td (Recognised.) Tj ET"
    edge = "BT /F1 12 Tf 560 400 Td (On and beside the page.) Tj ET"

    assert drawn(dark).text.endswith("\nWhite on black.")
    assert drawn(scan).text.endswith("\nRecognised.")
    assert drawn(scan).recognised
    assert drawn(edge).text.endswith("\nOn and be")


def test_characters_without_a_shape_are_left_out_of_plain_texts() -> None:
    data = "The gate\u200b is\u202e red\U000e0041.\n\tIt opens.".encode()
    job = Job(url="http://a/t.txt", content_type="text/plain", charset="", size=len(data), longest=1000, links=5)

    assert reader.read(job, data).text == "The gate is red.\n\tIt opens."
