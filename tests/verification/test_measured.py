from tests.verification.measure import check_answers, check_pairs


def test_no_claim_that_its_evidence_contradicts_is_supported_without_a_judge() -> None:
    supported = [
        row["claim"] for row, done in check_pairs() if row["label"] != "supported" and done.verdict == "supported"
    ]

    assert supported == []


def test_a_paraphrase_is_withheld_rather_than_guessed() -> None:
    assert {done.verdict for _, done in check_pairs()} == {"not_found"}


def test_the_value_of_another_question_is_almost_never_supported() -> None:
    counts = check_answers()

    assert counts["same sentence", "supported by value"] == 0
    assert counts["other sentence", "supported by value"] <= 2
    assert counts["right", "supported by value"] >= 90
