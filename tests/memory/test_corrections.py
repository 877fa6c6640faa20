# ruff: noqa: RUF001 - punctuation of Chinese text is what is tested
"""A person's correction applies to situations like the one it was made in, and to no others."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.errors import ConfigurationError, MemoryUnavailable, UsageError
from agent.memory.corrections.facts import LONGEST_SITUATION, Added, Situation
from agent.memory.corrections.nearness import INITIAL_RADIUS, Reading, distance
from agent.memory.corrections.store import Corrections
from agent.verification.remembered import open_corrections
from agent.verification.situations import read_situation


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Corrections]:
    with Corrections(tmp_path / "home" / "corrections.db", read_situation) as corrections:
        yield corrections


def add(memory: Corrections, text: str, value: str, **features: str) -> Added:
    return memory.add(Situation(text=text, features=features), value)


def applied(memory: Corrections, text: str, **features: str) -> list[str]:
    return [one.correction.value for one in memory.applicable(Situation(text=text, features=features))]


@pytest.mark.parametrize(
    ("key", "like", "unlike"),
    [
        (
            "the height of the north tower of Lyon cathedral",
            [
                "the height of Lyon cathedral's north tower",
                "north tower of Lyon Cathedral: its height",
                "NORTH TOWER of the Lyon cathedral, height",
            ],
            [
                "the height of the north tower of Nantes cathedral",
                "the height of the north tower of nantes cathedral",
                "the height of the cathedral",
                "the mayor of Lyon",
            ],
        ),
        (
            "Acme's revenue in 2019",
            ["the revenue of Acme in 2019", "In 2019 Acme had revenues"],
            ["Acme's revenue in 2020", "Zenith's revenue in 2019", "Acme's revenue", "revenue"],
        ),
        (
            "the height of the Eiffel tower",
            ["The height of the Eiffel Tower is 324 m.", "The Eiffel Tower has a height of 312 metres."],
            ["The height of the Tokyo Tower is 324 m.", "The Eiffel Tower was painted in 1968."],
        ),
        (
            "埃菲尔铁塔的高度",
            ["埃菲尔铁塔的高度是324米。", "埃菲尔铁塔有多高度"],
            ["东京铁塔的高度是324米。", "埃菲尔铁塔的颜色"],
        ),
        (
            "北京大学的现任校长是谁？",
            ["北京大学现任校长", "谁是北京大学的现任校长"],
            ["上海大学的现任校长是谁？", "北京大学有多少学生", "今天天气很好"],
        ),
        (
            "write dates in the German report",
            ["write the dates in the German reports", "writing dates in the German report"],
            ["write dates in the French report", "write the tests"],
        ),
    ],
)
def test_it_applies_to_what_is_said_in_like_words_of_the_same_thing(
    memory: Corrections, key: str, like: list[str], unlike: list[str]
) -> None:
    add(memory, key, "so it is")
    assert {text: applied(memory, text) for text in [key, *like]} == {text: ["so it is"] for text in [key, *like]}
    assert {text: applied(memory, text) for text in unlike} == {text: [] for text in unlike}


def test_what_is_applied_says_so_in_one_line(memory: Corrections) -> None:
    add(memory, "the height of the Eiffel tower", "330 m\nsince 2022")
    (one,) = memory.applicable(Situation(text="the Eiffel tower's height"))
    assert one.note == (
        "correction 1 applied: 330 m since 2022 (said of: the height of the Eiffel tower; distance 0.00 of 0.35)"
    )


def test_features_of_a_correction_must_be_those_of_the_situation(memory: Corrections) -> None:
    add(memory, "delete old log files", "ask first")
    add(memory, "delete old log files", "move them to the archive", tool="shell")
    assert applied(memory, "delete old log files") == ["ask first"]
    assert applied(memory, "delete old log files", tool="files") == ["ask first"]
    assert applied(memory, "delete old log files", tool="shell", host="a") == ["move them to the archive", "ask first"]


def test_something_else_near_by_narrows_both_until_no_situation_has_two_answers(memory: Corrections) -> None:
    first = add(memory, "format the tables of the annual report", "with lines")
    second = add(memory, "format the tables of the monthly report", "without lines")
    assert second.narrowed == (first.correction.number,)
    assert second.correction.radius < INITIAL_RADIUS
    assert applied(memory, "format the tables of the annual report") == ["with lines"]
    assert applied(memory, "format the tables of the monthly report") == ["without lines"]
    assert len(applied(memory, "format the tables of the report")) <= 1


def test_the_same_near_by_widens_instead_of_being_kept_twice(memory: Corrections) -> None:
    add(memory, "format the tables of the annual report", "With  lines")
    assert applied(memory, "format the tables of the big monthly report") == []
    added = add(memory, "format the tables of the big monthly report", "with lines")
    assert added.widened
    assert added.correction.also == ("format the tables of the big monthly report",)
    assert applied(memory, "format the tables of the big monthly report") == ["With  lines"]
    assert len(memory.all()) == 1


def test_the_same_of_another_thing_is_kept_for_itself(memory: Corrections) -> None:
    add(memory, "the height of the north tower of Lyon cathedral", "in metres")
    assert not add(memory, "the height of the north tower of Nantes cathedral", "in metres").widened
    assert applied(memory, "the height of the north tower of Nantes cathedral") == ["in metres"]


def test_another_word_on_the_very_same_situation_replaces_the_old_one(memory: Corrections) -> None:
    old = add(memory, "the height of the tower", "324 m")
    new = add(memory, "the tower's height", "330 m")
    assert new.replaced == (old.correction.number,)
    assert applied(memory, "the height of the tower") == ["330 m"]


def test_what_is_removed_no_longer_applies_and_its_number_is_not_given_again(memory: Corrections) -> None:
    number = add(memory, "the height of the tower", "330 m").correction.number
    assert memory.remove(number).value == "330 m"
    assert applied(memory, "the height of the tower") == []
    assert add(memory, "the height of the tower", "331 m").correction.number > number


def test_a_narrowed_one_gets_its_reach_back_when_it_is_said_again_after_the_other_is_removed(
    memory: Corrections,
) -> None:
    add(memory, "format the tables of the annual report", "with lines")
    other = add(memory, "format the tables of the monthly report", "without lines")
    memory.remove(other.correction.number)
    again = add(memory, "format the tables of the annual report", "with lines")
    assert (again.widened, again.correction.radius) == (True, INITIAL_RADIUS)
    assert again.correction.also == ()


def test_a_file_of_something_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "corrections.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE letters (text)")
    connection.commit()
    with Corrections(path, read_situation) as memory, pytest.raises(ConfigurationError, match="of something else"):
        add(memory, "the height of the tower", "330 m")
    assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["letters"]
    connection.close()


@pytest.mark.parametrize("text", ["", "  ", "?!", "is it so", "是的吗", "x" * (LONGEST_SITUATION + 1)])
def test_a_situation_that_could_not_be_known_again_is_refused(memory: Corrections, text: str) -> None:
    with pytest.raises(UsageError):
        add(memory, text, "no")
    assert memory.all() == ()


@pytest.mark.parametrize("value", ["", " \n", "x" * 5_000])
def test_a_correction_that_says_nothing_or_too_much_is_refused(memory: Corrections, value: str) -> None:
    with pytest.raises(UsageError):
        add(memory, "the height of the tower", value)


@pytest.mark.parametrize("number", [0, -1, 7, 2**70])
def test_removing_one_that_is_not_there_is_told(memory: Corrections, number: int) -> None:
    with pytest.raises(UsageError, match="there is no correction"):
        memory.remove(number)
    add(memory, "the height of the tower", "330 m")
    with pytest.raises(UsageError, match="there is no correction"):
        memory.remove(number)


def test_a_long_text_is_looked_up_by_its_beginning(memory: Corrections) -> None:
    add(memory, "the height of the tower", "330 m")
    assert applied(memory, "the height of the tower " * 50_000) == ["330 m"]
    assert applied(memory, "the height of the tower \udcff") == ["330 m"]
    assert applied(memory, "(((\0'\" OR 1=1 -- %s {} ;DROP TABLE corrections") == []


def test_nothing_is_made_by_looking(memory: Corrections) -> None:
    assert applied(memory, "the height of the tower") == []
    assert memory.all() == ()
    assert not memory.path.parent.exists()


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    with open_corrections(tmp_path, {"SHOP_TOKEN": "hunter2hunter2"}) as memory:
        add(memory, "sign in to the shop with hunter2hunter2", "use hunter2hunter2", account="hunter2hunter2")
        kept = memory.all()[0].model_dump_json()
        again = applied(memory, "sign in to the shop with hunter2hunter2", account="hunter2hunter2")
    assert "hunter2" not in kept
    assert again == ["use [redacted]"]
    assert all(b"hunter2" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_file_that_is_none_of_ours_or_of_another_version_is_told(tmp_path: Path) -> None:
    path = tmp_path / "corrections.db"
    path.write_bytes(b"no database at all " * 100)
    with Corrections(path, read_situation) as memory, pytest.raises(MemoryUnavailable, match="cannot be used"):
        applied(memory, "the tower")
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with Corrections(path, read_situation) as memory, pytest.raises(ConfigurationError, match="another version"):
        applied(memory, "the tower")


def test_processes_add_at_the_same_time_and_none_is_lost(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from agent.memory.corrections.facts import Situation\n"
        "from agent.verification.remembered import open_corrections\n"
        "with open_corrections(Path(sys.argv[1])) as memory:\n"
        "    for n in range(20):\n"
        "        memory.add(Situation(text=f'engine part {sys.argv[2]}{n} of the ship'), f'{sys.argv[2]}{n}')\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in ("ax", "by", "cz")]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with open_corrections(tmp_path) as memory:
        assert len(memory.all()) == 60
        assert applied(memory, "engine part by7 of the ship") == ["by7"]


WORDS = ["tower", "bridge", "height", "length", "paint", "Lyon", "Nantes", "1999", "2004", "大学", "校长", "old"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
said = st.lists(st.tuples(texts, st.sampled_from(["a", "b", "c"])), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(said=said)
def test_whatever_was_said_last_of_a_situation_holds_and_reaches_never_meet(said: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Corrections(Path(folder) / "c.db", read_situation) as memory:
        for text, value in said:
            add(memory, text, value)
            assert set(applied(memory, text)) == {value}
        for one, other in combinations(memory.all(), 2):
            if one.value != other.value:
                apart = distance(read_situation(one.situation.text), read_situation(other.situation.text))
                assert one.radius + other.radius < apart
        for kept in memory.all():
            assert applied(memory, kept.situation.text)[0] == kept.value


@settings(max_examples=30, deadline=None)
@given(said=said, asked=texts)
def test_what_is_found_by_rare_terms_is_what_comparing_with_every_key_finds(
    said: list[tuple[str, str]], asked: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, Corrections(Path(folder) / "c.db", plain) as memory:
        for text, value in said:
            add(memory, text, value)
        found = {one.correction.number: one.distance for one in memory.applicable(Situation(text=asked))}
        every = {one.number: distance(plain(one.situation.text), plain(asked)) for one in memory.all()}
        within = {one.number for one in memory.all() if every[one.number] <= one.radius}
    assert found == {number: far for number, far in every.items() if number in within}


@settings(max_examples=100, deadline=None)
@given(one=texts, two=texts, three=texts)
def test_the_distance_is_a_metric(one: str, two: str, three: str) -> None:
    a, b, c = map(read_situation, (one, two, three))
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9


@given(text=st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    reading = read_situation(text)
    assert Reading.load(reading.dump()) == reading
    assert reading.names | reading.numbers <= reading.weights.keys()


def plain(text: str) -> Reading:
    """Words alone, without names and numbers that would keep a correction from applying."""
    return Reading(dict.fromkeys(text.split(), 1.0))
