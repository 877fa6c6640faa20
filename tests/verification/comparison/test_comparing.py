"""What a claim and a text say alike, otherwise, or not at all."""

import pytest

from agent.verification.comparison.comparing import LONGEST_TEXT, compare


@pytest.mark.parametrize(
    ("claim", "evidence", "verdict"),
    [
        ("The road is 3000 m long.", "The road is 3 km long.", "supported"),
        ("The road is 3 miles long.", "The road is 3 km long.", "contradicted"),
        ("The museum has more than 5 rooms.", "The museum has 7 rooms.", "supported"),
        ("The museum has 7 rooms.", "The museum has at least 7 rooms.", "qualified"),
        ("The museum has 5 rooms.", "The museum has at least 7 rooms.", "contradicted"),
        ("The museum has about 7 rooms.", "The museum has 7 rooms.", "supported"),
        ("The museum has 7 rooms.", "The museum has about 7 rooms.", "qualified"),
        ("A unit has up to 41 groups.", "A unit has up to 40 groups.", "contradicted"),
        ("The oven reaches 212 \u00b0F.", "The oven reaches 100 degrees Celsius.", "supported"),
        ("The firm paid $5 million.", "The firm paid 5 million euros.", "contradicted"),
    ],
)
def test_numbers_are_compared_as_the_amounts_they_stand_for(claim: str, evidence: str, verdict: str) -> None:
    assert compare(claim, evidence).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("The treaty was signed in 2023.", "supported"),
        ("The treaty was signed in October 2023.", "supported"),
        ("The treaty was signed on 2023-10-02.", "supported"),
        ("The treaty was signed in the 2020s.", "supported"),
        ("The treaty was signed in 2022.", "contradicted"),
        ("The treaty was signed on 3 October 2023.", "contradicted"),
        ("The treaty was signed before 2 October 2023.", "unverifiable"),
    ],
)
def test_a_date_holds_of_every_more_exact_one_in_it(claim: str, verdict: str) -> None:
    assert compare(claim, "The treaty was signed on 2 October 2023 in Rome.").verdict == verdict


@pytest.mark.parametrize(
    ("claim", "evidence", "verdict"),
    [
        ("Yesterday the mayor resigned.", "Yesterday the mayor resigned.", "qualified"),
        ("The mayor resigned last year.", "The mayor resigned last year.", "qualified"),
        ("市长昨天辞职了。", "市长昨天辞职了。", "qualified"),
        ("The mill closed last year.", "The mill did not close last year.", "unverifiable"),
        ("The mill made 40 bags today.", "The mill made 50 bags today.", "unverifiable"),
        ("The mill closed in the last week of May.", "The mill closed in the last week of May.", "supported"),
        ("The mill closed the next year.", "The mill closed the next year.", "supported"),
    ],
)
def test_times_that_only_the_date_of_a_text_tells_prove_and_refute_nothing(
    claim: str, evidence: str, verdict: str
) -> None:
    assert compare(claim, evidence).verdict == verdict


def test_the_bounds_of_numbers_are_told() -> None:
    found = compare("The plant makes at least 40 tonnes of steel.", "The plant makes at most 40 tonnes of steel.")
    assert (found.verdict, found.detail) == (
        "contradicted",
        "the evidence says at most 40 tonnes, the claim at least 40 tonnes",
    )


@pytest.mark.parametrize(
    "evidence",
    [
        "Was the bridge built in 1911?",
        "Smith claimed that the bridge was built in 1911.",
        "It is a common error: The bridge was built in 1911.",
        "The bridge was built in 1911. This is false.",
        "If the money was there, the bridge was built in 1911.",
        "The model of the bridge was built in 1911.",
        "In the opinion of Smith, the bridge was built in 1911.",
        "In the poem, the bridge was built in 1911.",
        "The bridge was built in 1911 in the opinion of Smith.",
        "The bridge was almost built in 1911.",
        "The bridge was to be opened by the king, but no bridge was built in 1911.",
    ],
)
def test_what_a_text_does_not_state_as_a_fact_is_not_supported(evidence: str) -> None:
    assert compare("The bridge was built in 1911.", evidence).verdict != "supported"


@pytest.mark.parametrize(
    "evidence", ["有消息称\uff0c大桥建于1911年。", "政府认为\uff0c大桥建于1911年。", "如果属实\uff0c大桥建于1911年。"]
)
def test_what_a_chinese_text_reports_or_supposes_is_not_supported(evidence: str) -> None:
    assert compare("大桥建于1911年。", evidence).verdict != "supported"
    assert compare("大桥建于1911年。", "大桥建于1911年\uff0c全长300米。").verdict == "supported"


def test_what_denies_a_place_and_a_date_denies_neither_alone() -> None:
    evidence = "The tower was not built in Rome in 1911."

    assert compare("The tower was not built in 1911.", evidence).verdict == "unverifiable"
    assert compare("The tower was built in 1911.", evidence).verdict == "unverifiable"


def test_a_pronoun_stands_for_a_person_only_where_no_other_is_named() -> None:
    assert compare("Ada Lie was born in 1859.", "Ada Lie was a chemist. She was born in 1859.").verdict == "supported"
    met = "Ada Lie was the wife of Per Dahl. He was born in 1859."
    assert compare("Ada Lie was born in 1859.", met).verdict != "supported"


def test_the_detail_names_what_differs() -> None:
    found = compare("The bridge was opened in 1912.", "It rained. The bridge was opened in 1911.")

    assert found.detail == "the evidence says in 1911, the claim in 1912"
    assert found.sentence == "The bridge was opened in 1911."


def test_subject_and_object_that_changed_places_contradict_in_either_voice() -> None:
    evidence = "Brutus killed Caesar in the senate."

    assert compare("Caesar was killed by Brutus.", evidence).verdict == "supported"
    assert compare("Brutus was killed by Caesar.", evidence).verdict == "contradicted"
    assert compare("Caesar killed Brutus.", evidence).verdict == "contradicted"
    assert compare("Holt wrote Law 7.", "It is told in Law 7, written by Holt, in 1987.").verdict != "contradicted"


def test_sentences_that_disagree_prove_nothing() -> None:
    evidence = "The bridge, a steel arch, was opened in 1911. The bridge was opened in 1912 by the king."

    assert compare("The bridge was opened in 1911.", evidence).verdict == "unverifiable"


def test_another_name_contradicts_only_where_one_can_stand() -> None:
    assert compare("Graz is the capital of Austria.", "Vienna is the capital of Austria.").verdict == "contradicted"
    assert compare("The tool runs on Windows.", "The tool runs on Linux.").verdict == "not_found"


@pytest.mark.parametrize("claim", ["", "Yes.", "It was built in 1911.", "Was it built?", "word " * 400])
def test_what_is_no_claim_of_its_own_is_left_open(claim: str) -> None:
    assert compare(claim, "It was built in 1911.").verdict == "unverifiable"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Chapter 3 has 20 pages.", "Chapter 4 has 25 pages."),
        ("Section 4 describes the index.", "Section 5 describes the index."),
        ("Apollo 11 landed in 1969.", "Apollo 12 landed in 1970."),
        ("Python 3.8 was released in October 2019.", "Python 3.9 was released in October 2020."),
        ("Version 1.2.3 was released in 2019.", "Version 1.2.4 was released in 2020."),
        ("The 3rd mill opened in 1990.", "The 4th mill opened in 1995."),
        ("The first mill opened in 1990.", "The second mill opened in 1995."),
        ("Mill number 8 was built by the council in 1508.", "Mill number 7 was built by the council in 1507."),
        ("The crew of Apollo 11 returned in July.", "The crew of Apollo 12 returned in November."),
    ],
)
def test_what_is_said_of_another_thing_of_its_kind_contradicts_nothing(claim: str, evidence: str) -> None:
    assert compare(claim, evidence).verdict in ("unverifiable", "not_found")


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("84 steps lead to the tower.", "72 steps lead to the tower."),
        ("The tower has 84 steps.", "The tower has 72 steps."),
        ("In 1932 the bridge was opened.", "In 1935 the bridge was opened."),
        ("Chapter 3 has 20 pages.", "Chapter 3 has 25 pages."),
        ("The tool needs Python 3.8.", "The tool needs Python 3.9."),
        ("The town of Ghent has 84 mills.", "The town of Ghent has 72 mills."),
    ],
)
def test_another_count_or_date_of_the_same_thing_contradicts(claim: str, evidence: str) -> None:
    assert compare(claim, evidence).verdict == "contradicted"


def test_a_text_too_long_is_left_open() -> None:
    assert compare("The bridge was built in 1911.", "x" * (LONGEST_TEXT + 1)).verdict == "unverifiable"
