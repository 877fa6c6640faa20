"""The ten reference wishes: programs that can be built, and sabotages that change something."""

import re
from typing import Any

import pytest

from evals.cad.wish import Wish
from evals.cad.wishes import WISHES

pytest.importorskip("build123d", reason="the extra cad is not installed")

PROGRAMS = [pytest.param(wish, id=wish.name) for wish in WISHES]


def _built(program: str) -> dict[str, Any]:
    """Run one of our own programs; those of others never run outside a sandbox."""
    names: dict[str, Any] = {}
    exec(compile(program, "wish", "exec"), names)  # noqa: S102 - a program of this repository
    parts: dict[str, Any] = names["parts"]
    return parts


def _shape(parts: dict[str, Any]) -> dict[str, tuple[float, ...]]:
    """Return volume and centre of each part, to a hundredth."""
    return {name: tuple(round(value, 2) for value in (part.volume, *part.center())) for name, part in parts.items()}


def test_there_are_ten_wishes_with_at_least_two_designs_and_eight_sabotages_each() -> None:
    assert len(WISHES) == len({wish.name for wish in WISHES}) == 10
    for wish in WISHES:
        assert len(wish.good) >= 2, wish.name
        assert len({sabotage.wrong for sabotage in wish.sabotages}) == len(wish.sabotages) == 8, wish.name


def test_one_wish_is_in_chinese() -> None:
    assert sum(bool(re.search("[\u4e00-\u9fff]", wish.text)) for wish in WISHES) == 1


@pytest.mark.parametrize("wish", PROGRAMS)
def test_every_sabotage_says_which_words_of_the_wish_it_breaks(wish: Wish) -> None:
    for sabotage in wish.sabotages:
        assert sabotage.breaks in wish.text, sabotage.wrong


@pytest.mark.parametrize("wish", PROGRAMS)
def test_good_programs_make_valid_solids_that_stand_on_the_ground(wish: Wish) -> None:
    for design, program in wish.good.items():
        parts = _built(program)
        assert min(part.bounding_box().min.Z for part in parts.values()) == pytest.approx(0, abs=1e-6), design
        for name, part in parts.items():
            assert part.is_valid, f"{design}: {name}"
            assert part.volume > 0, f"{design}: {name}"
            assert len(part.solids()) == 1, f"{design}: {name}"


@pytest.mark.parametrize("wish", PROGRAMS)
def test_every_sabotage_can_be_built_and_differs_from_every_good_design(wish: Wish) -> None:
    good = [_shape(_built(program)) for program in wish.good.values()]
    made = [_shape(_built(wish.sabotaged(sabotage))) for sabotage in wish.sabotages]
    for sabotage, shape in zip(wish.sabotages, made, strict=True):
        assert shape not in good, sabotage.wrong
    assert all(made.count(shape) == 1 for shape in made)


def test_an_edit_that_does_not_stand_once_in_the_program_is_an_error() -> None:
    wish = WISHES[0]
    sabotage = wish.sabotages[0]
    for old in ("this does not stand there", "at_x"):
        with pytest.raises(ValueError, match=re.escape(f"{old!r} stands")):
            wish.sabotaged(sabotage.model_copy(update={"edits": ((old, ""),)}))
