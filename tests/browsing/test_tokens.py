import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.tokens import index_text, match_expression


def test_chinese_is_indexed_as_pairs_and_latin_as_it_is() -> None:
    assert index_text("Acme北京市 os.path").split() == ["Acme", "北京", "京市", "os.path"]


def test_full_width_forms_are_folded() -> None:
    assert index_text("\uff21\uff22\uff11") == "AB1"


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("what is the minimum version", '"minimum" OR "version"'),
        ("the of", '"the" OR "of"'),
        ("os.path", '"os.path"'),
        ('say "hi" OR NOT x*', '"say" OR " hi " OR "NOT" OR "x*"'),
        ("北京市", '"北京" OR "京市"'),
        ("桥", '"桥" *'),
        ("首都是哪里", '"首都" OR "都是"'),
        ("", ""),
        ("?! \U0001f600", ""),
    ],
)
def test_a_query_becomes_quoted_terms(query: str, expression: str) -> None:
    assert match_expression(query) == expression


@given(st.text(max_size=60) | st.text(alphabet="\"'*^:(){}-+\x00北京桥 ANDORT", max_size=30))
def test_no_query_is_a_syntax_error(query: str) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5 (body, tokenize = 'porter unicode61')")
        expression = match_expression(query)
        if expression:
            connection.execute("SELECT rowid FROM terms WHERE terms MATCH ?", (expression,)).fetchall()
    connection.close()


@given(st.text(min_size=2, max_size=40, alphabet="北京市图书馆"))
def test_any_part_of_a_chinese_text_finds_it(text: str) -> None:
    terms = set(index_text(text).split())

    assert {term.strip('"') for term in match_expression(text[:2]).split(" OR ")} <= terms
