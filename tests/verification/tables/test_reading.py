"""Which tables a text has, and what of them is left out."""

import pytest

from agent.verification.tables.reading import LONGEST, MOST_CELLS, read_tables


def test_a_csv_file_is_one_table_with_its_lines() -> None:
    (table,) = read_tables('City,Note\n"Bonn, old","two\nlines"\n\nUlm,"a ""b"""\n', "towns.csv")
    assert table.header == ("City", "Note")
    assert [(row.line, row.cells) for row in table.rows] == [(2, ("Bonn, old", "two\nlines")), (5, ("Ulm", 'a "b"'))]


@pytest.mark.parametrize(
    ("text", "location"),
    [("a\tb\n1\tx\n", "t.tsv"), ("a;b\n1;x\n", "t.csv"), ("\ufeffa,b\r\n1,x\r\n", "T.CSV"), ("a,b\n1,x\n", "t.csv:1")],
)
def test_delimiters_and_line_ends_are_found_out(text: str, location: str) -> None:
    (table,) = read_tables(text, location)
    assert (table.header, table.rows[0].cells) == (("a", "b"), ("1", "x"))


def test_tables_in_markdown_are_found_with_their_places() -> None:
    rows = "| City | People |\n|:---|---:|\n| **Bonn** | 331,000 |\n| Ulm \\| Donau | 126,000 |\n"
    text = f"# Towns\n\n{rows}\nText | no table\n"
    (table,) = read_tables(text, "towns.md")
    assert (table.first, table.last) == (3, 6)
    assert [row.cells for row in table.rows] == [("Bonn", "331,000"), ("Ulm | Donau", "126,000")]


def test_rows_with_too_many_or_too_few_cells_are_left_out_and_told() -> None:
    (table,) = read_tables("a,b\n1,x\n2\n3,y,z\n4,w\n", "t.csv")
    assert [row.cells[0] for row in table.rows] == ["1", "4"]
    assert table.bad == (3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n",
        "1,2\n3,4\n",
        "no table at all\n",
        "one\n1\n",
        'a,b\n"never closed',
        "a,b\n" + "x" * 200_000 + ",1\n",
    ],
)
def test_what_has_no_header_or_no_rows_or_cannot_be_read_is_no_table(text: str) -> None:
    assert not [table for table in read_tables(text, "t.csv") if table.rows]


def test_what_is_too_large_is_cut_and_says_so() -> None:
    (table,) = read_tables("a,b\n" + "1,x\n" * (MOST_CELLS // 2 + 1), "t.csv")
    assert table.cut
    assert len(table.rows) == MOST_CELLS // 2
    assert read_tables("a,b\n" + "1,x\n" * (LONGEST // 4 + 1), "t.csv") == ()


def test_text_without_the_ending_of_a_table_file_is_not_split_at_commas() -> None:
    assert read_tables("Dear Ann, hello,\nthis, is a letter,\n", "letter.txt") == ()
