import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verification.extraction.triples import triples_of
from agent.verification.negation import is_denied


def shown(statement: str) -> list[str]:
    """Return triples as lines: a minus where it is denied, then its parts, then its qualifiers."""
    return [
        ("" if one.positive else "- ")
        + " | ".join(
            [one.subject, one.relation, one.object, *(f"{key}={value}" for key, value in one.qualifiers.items())]
        )
        for one in triples_of(statement)
    ]


@pytest.mark.parametrize(
    ("statement", "triples"),
    [
        ("Paris is the capital of France.", ["Paris | capital of | France"]),
        ("The capital of France is Paris.", ["France | capital | Paris"]),
        ("Paulo Coelho's wife is Christina Oiticica.", ["Paulo Coelho | wife | Christina Oiticica"]),
        ("Marie Curie was born in Warsaw.", ["Marie Curie | born in | Warsaw"]),
        ("Marie Curie was born on 7 November 1867.", ["Marie Curie | born on | 7 November 1867"]),
        (
            "Marie Curie was born in Warsaw in 1867.",
            ["Marie Curie | born in | Warsaw", "Marie Curie | born on | 1867"],
        ),
        ("Amy Winehouse died in 2011.", ["Amy Winehouse | died on | 2011"]),
        ("Acme was founded in 1931 in Stuttgart, Germany.", []),
        ("Acme was founded in Stuttgart, Germany.", ["Acme | founded in | Stuttgart, Germany"]),
        ("Egypt is located in Africa.", ["Egypt | located in | Africa"]),
        ("Snoopy is a Beagle.", ["Snoopy | is a | Beagle"]),
        ("Edgar Wright is English.", ["Edgar Wright | is | English"]),
        ("Southpaw was written by Kurt Sutter.", ["Southpaw | written by | Kurt Sutter"]),
        ("Kurt Sutter wrote Southpaw in 2015.", ["Kurt Sutter | wrote | Southpaw | time=2015"]),
        ("The bridge is 300 metres long.", ["The bridge | is long | 300 | unit=metres"]),
        ("The bridge is at least 300 metres long.", ["The bridge | is long | 300 | bound=at least | unit=metres"]),
        ("The population of Paris is about 2 million.", ["Paris | population | 2 million | bound=about"]),
        ("Acme has 300 employees.", ["Acme | has | 300 | unit=employees"]),
        ("Acme had 300 employees in 1990.", ["Acme | has | 300 | time=1990 | unit=employees"]),
        ("The bridge has two towers.", ["The bridge | has | two | unit=towers"]),
        ("The price of the car was $5 million.", ["the car | price | $5 million | time=past"]),
        ("Acme has an area of 96,912 square miles.", ["Acme | area | 96,912 | unit=square miles"]),
        ("巴黎是法国的首都。", ["法国 | 首都 | 巴黎"]),
        ("法国的首都是巴黎。", ["法国 | 首都 | 巴黎"]),
        ("余杭站位于浙江省杭州市。", ["余杭站 | 位于 | 浙江省杭州市"]),
        ("圣体堂区成立于1905年，服务当地教徒。", ["圣体堂区 | 成立于 | 1905年"]),
        ("太浩湖面积约1310平方公里。", ["太浩湖 | 面积 | 1310 | bound=约 | unit=平方公里"]),
        ("1990年，太浩湖面积至少1310平方公里。", ["太浩湖 | 面积 | 1310 | time=1990年 | bound=至少 | unit=平方公里"]),
    ],
)
def test_a_clear_statement_is_taken_into_triples(statement: str, triples: list[str]) -> None:
    assert shown(statement) == triples


@pytest.mark.parametrize(
    ("statement", "triple"),
    [
        ("Paris is not the capital of Spain.", "- Paris | capital of | Spain"),
        ("Paris isn't the capital of Spain.", "- Paris | capital of | Spain"),
        ("Paris isn’t the capital of Spain.", "- Paris | capital of | Spain"),
        ("Jimi Hendrix was not a soldier.", "- Jimi Hendrix | is a | soldier | time=past"),
        ("Jimi Hendrix was never a soldier.", "- Jimi Hendrix | is a | soldier | time=past"),
        ("Kurt Sutter did not write Southpaw.", "- Kurt Sutter | wrote | Southpaw"),
        ("Kurt Sutter didn't write Southpaw.", "- Kurt Sutter | wrote | Southpaw"),
        ("Kurt Sutter never wrote Southpaw.", "- Kurt Sutter | wrote | Southpaw"),
        ("Marie Curie was not born in Paris.", "- Marie Curie | born in | Paris"),
        ("Mars has no oceans.", "- Mars | has | oceans"),
        ("里昂不是法国的首都。", "- 法国 | 首都 | 里昂"),
        ("里昂并非法国的首都。", None),
        ("余杭站不位于上海市。", "- 余杭站 | 位于 | 上海市"),
        ("余杭站并不位于上海市。", "- 余杭站 | 位于 | 上海市"),
    ],
)
def test_a_denial_is_a_negative_triple(statement: str, triple: str | None) -> None:
    assert shown(statement) == ([triple] if triple else [])


@pytest.mark.parametrize(
    ("statement", "time"),
    [
        ("Acme owned Beta last year.", "last year"),
        ("Acme owned Beta three years ago.", "three years ago"),
        ("Last month, Acme acquired Beta.", "last month"),
        ("Acme is currently the owner of Beta.", "currently"),
        ("Acme owned Beta since 1990.", "since 1990"),
        ("Acme owned Beta from 1990 to 1995.", "from 1990 to 1995"),
        ("In March 2020, Acme acquired Beta.", "March 2020"),
        ("Acme was the owner of Beta.", "past"),
        ("去年，太浩湖面积达1310平方公里。", "去年"),
    ],
)
def test_time_is_kept_as_it_is_written(statement: str, time: str) -> None:
    (triple,) = triples_of(statement)

    assert triple.qualifiers["time"] == time


@pytest.mark.parametrize(
    "statement",
    [
        "It is the capital of France.",
        "Most of Africa is in the north.",
        "Paris and Rome are the capitals of France and Italy.",
        "Paris may be the capital of France.",
        "Critics said Paris is the capital of France.",
        "Paris is no longer the capital of France.",
        "Paris is not only the capital of France.",
        "Nobody is the king of France.",
        "Only Paris is the capital of France.",
        "If Paris is the capital of France, it is large.",
        "Marie Curie was not born in Paris in 1867.",
        "Marie Curie was born in March.",
        "Marie Curie died in the winter.",
        "The novel is based on a film set in 2011.",
        "Acme was released last year.",
        "Paris, which is in France, is the capital of the country.",
        "Paris is the former capital of France.",
        "Marie Curie won the prize with Pierre Curie.",
        "A fifth series was announced on 5 March 2018.",
        "Is Paris the capital of France?",
        "The play “Paris” is a comedy.",
        "它是法国的首都。",
        "据说巴黎是法国的首都。",
        "巴黎可能是法国的首都。",
        "巴黎和里昂是法国的城市。",
        "张艺谋是著名的导演。",
        "1865年成立，当时隶属美国财政部。",
        "分子具有三角锥结构。",
        "本站设有一个月台。",
        "巴黎位于法国，这是谣言。",
        "",
        "x" * 5000,
    ],
)
def test_where_it_is_not_safe_there_are_no_triples(statement: str) -> None:
    assert shown(statement) == []


_LATIN = (
    "Paris Rome Acme The the a is was are not isn't never no has wrote by of in on 1990 300 metres long about only did"
)
_CHINESE = "capital born founded write and 巴黎 是 不是 法国 的 首都 位于 1990年 有 三个 成立于 未"
_PARTS = st.sampled_from([*_LATIN.split(), *_CHINESE.split()])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(_PARTS, min_size=3, max_size=9).map(" ".join), st.lists(_PARTS, max_size=9).map("".join)))
def test_a_triple_denies_where_the_statement_denies_and_nowhere_else(statement: str) -> None:
    for triple in triples_of(statement):
        assert triple.positive is not is_denied(statement)
        assert triple.subject in " ".join(statement.split())
