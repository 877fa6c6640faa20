"""Thirty artefacts, sixty planted defects."""

from collections import Counter

from evals.made.catalogue import artefacts


def test_there_are_ten_artefacts_of_each_kind_and_two_defects_in_each() -> None:
    assert Counter(one.kind for one in artefacts()) == {"program": 10, "web_page": 10, "data_file": 10}
    assert [len(one.defects) for one in artefacts()] == [2] * 30


def test_each_defect_changes_one_file_in_one_place() -> None:
    for one in artefacts():
        for defect in one.defects:
            spoilt = one.spoilt(defect)
            assert [name for name in one.files if spoilt[name] != one.files[name]] == [defect.file]


def test_some_artefacts_are_chinese() -> None:
    chinese = {one.kind for one in artefacts() if any("\u4e00" <= sign <= "\u9fff" for sign in one.wish)}
    assert chinese == {"web_page", "data_file"}
