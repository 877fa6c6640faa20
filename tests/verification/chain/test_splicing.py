"""New sentences in the places of old ones: nothing else of a text can change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.claims import CheckedClaim, Claim, Verdict
from agent.verification.chain.ports import JudgeFailed
from agent.verification.chain.splicing import adopted, place_of, places_of_failed, splice
from agent.verification.sentences import Span, split_sentences

TEXT = "The bridge opened in 1932. It is painted grey. A train crosses it hourly."


def claims_of(text: str, verdicts: dict[int, Verdict]) -> list[CheckedClaim]:
    """Return one claim a sentence, supported where nothing else is said of its number."""
    return [
        CheckedClaim(
            claim=Claim(id=f"c{number}", text=text[start:end], sentence=text[start:end], start=start, end=end),
            verdict=verdicts.get(number, "supported"),
        )
        for number, (start, end) in enumerate(split_sentences(text))
    ]


def test_a_failed_sentence_is_replaced_and_the_places_of_the_others_move_along() -> None:
    checked = claims_of(TEXT, {0: "contradicted"})
    new = splice(TEXT, checked, {"The bridge opened in 1932.": "The bridge was opened in March 1932."})
    assert new.text == "The bridge was opened in March 1932. It is painted grey. A train crosses it hourly."
    assert new.changed == ("The bridge opened in 1932.",)
    assert [new.text[one.claim.start : one.claim.end] for one in new.kept] == [
        "It is painted grey.",
        "A train crosses it hourly.",
    ]
    assert [new.text[place.start : place.end] for place in new.fresh] == ["The bridge was opened in March 1932."]


@pytest.mark.parametrize(
    ("text", "dropped", "left"),
    [
        (TEXT, 1, "The bridge opened in 1932. A train crosses it hourly."),
        (TEXT, 0, "It is painted grey. A train crosses it hourly."),
        (TEXT, 2, "The bridge opened in 1932. It is painted grey."),
        ("- One is one.\n- Two is three.\n- Three is three.", 1, "- One is one.\n- Three is three."),
        ("One is one.\nTwo is three.", 1, "One is one.\nTwo is three."[:11]),
    ],
)
def test_a_dropped_sentence_leaves_no_gap(text: str, dropped: int, left: str) -> None:
    checked = claims_of(text, {dropped: "contradicted"})
    new = splice(text, checked, {checked[dropped].claim.sentence: ""})
    assert new.text == left
    assert new.fresh == ()
    assert len(new.kept) == len(checked) - 1


def test_neighbours_that_are_dropped_together_leave_no_gap_either() -> None:
    checked = claims_of(TEXT, {0: "contradicted", 1: "contradicted"})
    new = splice(TEXT, checked, {one.claim.sentence: "" for one in checked[:2]})
    assert new.text == "A train crosses it hourly."
    assert new.changed == ("The bridge opened in 1932.", "It is painted grey.")


@pytest.mark.parametrize("verdict", ["supported", "error", "unverifiable"])
def test_a_sentence_of_which_no_claim_failed_cannot_be_changed(verdict: Verdict) -> None:
    checked = claims_of(TEXT, {0: "contradicted", 1: verdict})
    with pytest.raises(JudgeFailed, match=r"of which no claim failed: 'It is painted grey\.'"):
        splice(TEXT, checked, {"It is painted grey.": "It is painted red."})


def test_an_opinion_is_not_changed_whatever_was_said_of_it() -> None:
    text = "It is lovely."
    claim = Claim(id="c1", text=text, kind="opinion", start=0, end=len(text))
    assert places_of_failed(text, [CheckedClaim(claim=claim, verdict="not_found")]) == {}


def test_a_sentence_with_one_wrong_claim_takes_its_right_claims_along() -> None:
    text = "It opened in 1930 and is grey."
    place = {"start": 0, "end": len(text), "sentence": text}
    checked = [
        CheckedClaim(
            claim=Claim(id="c1", text="It opened in 1930.", evidence=("e1",), **place), verdict="contradicted"
        ),
        CheckedClaim(claim=Claim(id="c2", text="It is grey.", evidence=("e2", "e1"), **place), verdict="supported"),
    ]
    assert [one.claim.id for one in places_of_failed(text, checked)[Span(0, len(text))]] == ["c1", "c2"]
    new = splice(text, checked, {text: "It opened in 1932 and is grey."})
    assert (new.kept, new.bases) == ((), (("e1", "e2"),))


def test_a_claim_without_a_place_is_found_by_its_sentence_where_that_stands_once() -> None:
    once = Claim(id="c1", text="grey", sentence="It is painted grey.")
    assert place_of(TEXT, once) == Span(27, 46)
    assert place_of(TEXT + " It is painted grey.", once) is None
    assert place_of(TEXT, Claim(id="c1", text="It is painted red.")) is None
    assert place_of(TEXT, Claim(id="c1", text="x", start=5, end=5000)) is None


def test_new_claims_get_ids_that_no_round_had_and_old_ones_theirs_back() -> None:
    names = {"It is grey.": "c3", "It is red.": "c7", "It is old.": "x"}
    taken = [Claim(id="c1", text="It is red."), Claim(id="c2", text="It is blue."), Claim(id="c3", text="It is grey.")]
    new = adopted(taken, "The sentence.", Span(4, 17), names, taken=["c3"], basis=("e1",))
    assert {one.evidence for one in new} == {("e1",)}
    assert [one.id for one in new] == ["c7", "c8", "c9"]
    assert {(one.start, one.end, one.sentence) for one in new} == {(4, 17, "The sentence.")}


words = st.sampled_from(["The tower is tall.", "Ein Satz.", "- An item.", "| a | b |", "\u4f60\u597d\u3002", "x = 1"])
separators = st.sampled_from([" ", "\n", "\n\n"])
verdicts = st.sampled_from(["supported", "contradicted", "not_found", "error"])


def test_a_text_does_not_vanish() -> None:
    checked = claims_of("It is so.", {0: "contradicted"})
    with pytest.raises(JudgeFailed, match="nothing would be left"):
        splice("It is so.", checked, {"It is so.": ""})


@given(st.lists(st.tuples(words, separators, verdicts, st.sampled_from(["", "Something new."])), min_size=1))
def test_whatever_is_replaced_or_dropped_all_else_stays_as_it_was(
    drawn: list[tuple[str, str, Verdict, str]],
) -> None:
    text = "".join(f"{sentence}{separator}" for sentence, separator, _, _ in drawn) + "\n\nThe end."
    checked = claims_of(text, {number: verdict for number, (_, _, verdict, _) in enumerate(drawn)})
    checked[-1] = checked[-1].model_copy(update={"verdict": "supported"})
    failed = places_of_failed(text, checked)
    sentences = {text[span.start : span.end]: drawn[0][3] for span in failed}
    new = splice(text, checked, sentences)
    remaining = [one for one in checked if one.claim.sentence not in sentences or one.verdict in ("supported", "error")]
    assert [new.text[one.claim.start : one.claim.end] for one in new.kept] == [one.claim.sentence for one in remaining]
    fresh = [new.text[start:end] for start, end in new.fresh]
    assert fresh == ([drawn[0][3]] * len(failed) if drawn[0][3] else [])
    left_over = "".join(one.claim.sentence for one in remaining) + "".join(fresh)
    assert sorted("".join(new.text.split())) == sorted("".join(left_over.split()))
