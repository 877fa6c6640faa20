# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.verification.sentences import LONGEST_SENTENCE, Span, split_sentences
from tests.endings import ends


def sentences(text: str, *, by_line: bool = False) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, by_line=by_line)]


@pytest.mark.parametrize(
    "expected",
    [
        ["He met Dr. Smith.", "They talked."],
        ["The U.S. economy grew.", "It was 3.14 percent."],
        ["He moved to the U.S.", "The government paid."],
        ["See Fig. 3 for details.", "Table 2 is empty."],
        ["Use version v1.2.3 now.", "Open README.md first."],
        ["Visit https://a.org/x.html?q=1 now.", "It is good."],
        ["J. K. Rowling wrote it.", "She is British."],
        ['"Stop!" he said.', '"Why?"', "Nobody knew."],
        ["It works (see above.)", "Next one."],
        ["Yahoo! is a company.", "It is old."],
        ["Call os.path.join() first.", "Then foo.bar."],
        ["Acme Inc. makes tools.", "Acme Corp. does not."],
        ["It was founded in 1999.", "12 people work there."],
        ["What?!", "No way."],
        ["The pump weighs 2 g.", "The tower is 100 m.", "2 + 2 = 4."],
        ["The way takes 5 min.", "It needs 20 kWh."],
        ["It is 3 m. long.", "That is far."],
    ],
)
def test_abbreviations_numbers_and_names_do_not_end_a_sentence(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["他去了北京。", "然后呢？", "好的！"],
        ["「好的。」", "他说。"],
        ["首都は東京です。", "人口は1400万人！"],
        ["价格为3.5元。", "约200米高（见图。）", "完了"],
    ],
)
def test_chinese_and_japanese_need_no_spaces(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


def test_a_hard_wrapped_paragraph_is_not_split_at_its_line_breaks() -> None:
    assert sentences("A hard\nwrapped line. The\nnext one.") == ["A hard\nwrapped line.", "The\nnext one."]


def test_a_blank_line_and_a_page_break_end_a_sentence() -> None:
    assert sentences("no full stop\n\nnext\fnew page") == ["no full stop", "next", "new page"]


def test_markdown_blocks_are_sentences_of_their_own() -> None:
    text = "# A title. Really\nSome text\n- one\n- two\n  goes on\n1. First. More\n| a | b |\n|---|---|\n| 1 | 2 |\nend"

    assert sentences(text) == [
        "# A title. Really",
        "Some text",
        "- one",
        "- two\n  goes on",
        "1. First.",
        "More",
        "| a | b |\n|---|---|",
        "| 1 | 2 |",
        "end",
    ]


def test_an_underlined_heading_is_one_sentence() -> None:
    assert sentences("Title\n=====\nText.") == ["Title\n=====", "Text."]


def test_lines_of_a_code_fence_are_sentences_of_their_own() -> None:
    assert sentences("```\na. B = 1\n# no heading\n```\nText.") == ["```", "a. B = 1", "# no heading", "```", "Text."]


def test_indented_code_is_split_by_line_and_an_indented_paragraph_is_not() -> None:
    assert sentences("    x = 1\n    y = 2\n\n    some wrapped\n    prose here") == [
        "x = 1",
        "y = 2",
        "some wrapped\n    prose here",
    ]


def test_columns_of_a_plain_table_are_kept_in_their_row() -> None:
    assert sentences("North\t1200\nSouth\t900") == ["North\t1200", "South\t900"]


def test_by_line_every_line_is_a_sentence() -> None:
    assert sentences("a. B\n\n  c", by_line=True) == ["a. B", "c"]


def test_a_very_long_sentence_is_cut_at_a_clause_border() -> None:
    clause = "word " * 100 + "end,"
    text = " ".join([clause] * 5)

    pieces = sentences(text)

    assert all(len(piece) <= LONGEST_SENTENCE for piece in pieces)
    assert all(piece.endswith("end,") for piece in pieces)


def test_a_text_without_any_border_is_still_cut() -> None:
    assert [len(piece) for piece in sentences("x" * 2500)] == [1000, 1000, 500]


MARKUP = st.text(alphabet="ab Z.!?。！\n\f\t #-*|`=>1)(\"'」，、,;:é\u0301\U0001f600", max_size=400)


@given(MARKUP | st.text(max_size=200), st.booleans())
@example("a" * 999 + "\u0301" * 5, False)
@example("\u00a0x\u00a0", False)
def test_no_text_is_lost_and_offsets_are_exact(text: str, by_line: bool) -> None:
    spans = split_sentences(text, by_line=by_line)

    between = "".join(
        text[left.end : right.start]
        for left, right in zip((Span(0, 0), *spans), (*spans, Span(len(text), len(text))), strict=True)
    )
    assert between.strip() == ""
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert all(end - start <= LONGEST_SENTENCE for start, end in spans)


WORDS = st.sampled_from(["Norvik", "met", "Dr. Berg", "in 1999", "paid 3.5", "see a.b.c", "at home", "(or not)"])
PROSE = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5).map(
    lambda parts: " ".join(f"The {part} ended." for part in parts)
)


@given(PROSE)
def test_a_sentence_of_prose_is_not_split_again(text: str) -> None:
    for sentence in sentences(text):
        assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        ("This is a plain sentence of the usual kind, with a clause. Dr. Smith had 3.5 of them! " * 8 + "\n\n") * 1500,
        "他去了北京，然后呢？他说这是很好的。" * 55_000,
        "- item\n| a | b |\n" * 60_000,
        " " * 1_000_000,
        "x" * 1_000_000,
        (" " * 5000 + "word\n") * 200,
    ],
    ids=["prose", "chinese", "markup", "spaces", "one word", "indentation"],
)
def test_a_million_characters_take_about_a_second_of_cpu_at_most(text: str) -> None:
    with ends():
        split_sentences(text)
