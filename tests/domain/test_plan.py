"""A plan changes by whole batches of edits; only what is pending can change, and it can always be worked off."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.artefacts import Criteria
from agent.domain.checks import ArtefactCheck, Check, CommandCheck
from agent.domain.errors import PlanEditError
from agent.domain.plan import Add, Milestone, NewSubtask, Plan, Remove, Reorder, Split, Stop, Update
from agent.domain.wishes import Wished


def new(name: str, *after: str) -> NewSubtask:
    return NewSubtask(id=name, goal=f"do {name}", depends_on=list(after))


def plan_of(*subtasks: NewSubtask) -> Plan:
    return Plan().edited([Add(op="add", subtask=subtask) for subtask in subtasks])


def ids(subtasks: Any) -> list[str]:
    return [subtask.id for subtask in subtasks]


def status(plan: Plan, name: str) -> str:
    subtask = plan.find(name)
    assert subtask is not None
    return subtask.status


def test_subtasks_are_ready_when_what_they_depend_on_is_done() -> None:
    plan = plan_of(new("a"), new("b"), new("c", "a", "b"))
    assert ids(plan.ready()) == ["a", "b"]
    assert ids(plan.with_status({"a": "done"}).ready()) == ["b"]
    assert ids(plan.with_status({"a": "done", "b": "done"}).ready()) == ["c"]
    assert ids(plan.with_status({"a": "done", "b": "failed"}).ready()) == []


def test_a_split_subtask_is_done_when_its_parts_are() -> None:
    plan = plan_of(new("a"), new("b", "a")).edited([Split(op="split", target="a", into=[new("a1"), new("a2", "a1")])])
    assert ids(plan.leaves()) == ["a1", "a2", "b"]
    assert ids(plan.ready()) == ["a1"]
    plan = plan.with_status({"a1": "done"})
    assert (status(plan, "a"), ids(plan.ready())) == ("running", ["a2"])
    plan = plan.with_status({"a2": "done"})
    assert (status(plan, "a"), ids(plan.ready())) == ("done", ["b"])
    halves = [Split(op="split", target="a", into=[new("x"), new("y")])]
    plan = plan_of(new("a")).edited(halves).with_status({"x": "done", "y": "failed"})
    assert status(plan, "a") == "failed"


def test_parts_of_a_split_subtask_wait_for_what_it_waited_for() -> None:
    plan = plan_of(new("a"), new("b", "a")).edited([Split(op="split", target="b", into=[new("b1"), new("b2")])])
    assert ids(plan.ready()) == ["a"]


def test_a_removed_subtask_is_no_longer_waited_for() -> None:
    plan = plan_of(new("a"), new("b", "a")).edited([Remove(op="remove", target="a")])
    assert ids(plan.ready()) == ["b"]


def test_reordering_moves_only_what_is_pending() -> None:
    plan = plan_of(new("a"), new("b"), new("c")).with_status({"b": "done"})
    assert ids(plan.edited([Reorder(op="reorder", order=["c", "a"])])) == ["c", "b", "a"]


def test_stopping_drops_everything_that_is_pending() -> None:
    plan = plan_of(new("a"), new("b")).with_status({"a": "done"}).edited([Stop(op="stop", reason="enough")])
    assert [subtask.status for subtask in plan] == ["done", "dropped"]


def test_an_edit_keeps_what_it_does_not_name() -> None:
    plan = plan_of(new("a"), new("b", "a")).edited([Update(op="update", target="b", goal="do b well")])
    changed = plan.find("b")
    assert changed is not None
    assert (changed.goal, changed.depends_on, plan.version) == ("do b well", ("a",), 2)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Update(op="update", target="zz", goal="x"), "no subtask zz; the plan has: a, b"),
        (Update(op="update", target="a", goal="x"), "subtask a is done; only pending"),
        (Remove(op="remove", target="a"), "only pending"),
        (Add(op="add", subtask=new("b")), "b appears twice"),
        (Add(op="add", subtask=new("c", "nowhere")), "depends on nowhere"),
        (Add(op="add", subtask=new("c", "c")), "wait for each other: c"),
        (Update(op="update", target="b", depends_on=["b"]), "wait for each other"),
        (Reorder(op="reorder", order=["a", "b"]), "name each pending subtask once: b"),
        (Add(op="add", subtask=new("report")), r"names the run itself uses: report \(call it report-part\)"),
        (Split(op="split", target="b", into=[new("root"), new("plan")]), "uses: plan .*root-part"),
    ],
)
def test_an_impossible_edit_is_refused_in_words_the_model_can_act_on(edit: Any, message: str) -> None:
    plan = plan_of(new("a"), new("b", "a")).with_status({"a": "done"})
    with pytest.raises(PlanEditError, match=message):
        plan.edited([edit])


def test_a_batch_with_one_bad_edit_changes_nothing() -> None:
    plan = plan_of(new("a"))
    with pytest.raises(PlanEditError):
        plan.edited([Add(op="add", subtask=new("b")), Remove(op="remove", target="zz")])
    assert ids(plan) == ["a"]


def test_a_cycle_through_a_parent_is_found() -> None:
    plan = plan_of(new("a"), new("b", "a"))
    with pytest.raises(PlanEditError, match="wait for each other"):
        plan.edited([Split(op="split", target="a", into=[new("x", "b"), new("y")])])


def test_parts_wait_for_what_their_whole_comes_to_wait_for_later() -> None:
    plan = plan_of(new("a"), new("b")).edited([Split(op="split", target="b", into=[new("b1"), new("b2", "b1")])])
    plan = plan.edited([Update(op="update", target="b", depends_on=["a"])])
    assert ids(plan.ready()) == ["a"]
    assert ids(plan.with_status({"a": "done"}).ready()) == ["b1"]


def test_a_whole_that_comes_to_wait_for_what_waits_for_its_part_is_a_cycle() -> None:
    plan = plan_of(new("a"), new("b")).edited([Split(op="split", target="b", into=[new("b1"), new("b2")])])
    plan = plan.edited([Update(op="update", target="a", depends_on=["b1"])])
    with pytest.raises(PlanEditError, match="wait for each other"):
        plan.edited([Update(op="update", target="b", depends_on=["a"])])


def test_a_whole_is_done_when_the_last_open_part_is_removed() -> None:
    plan = plan_of(new("p"), new("q", "p"))
    plan = plan.edited([Split(op="split", target="p", into=[new("p1"), new("p2", "p1")])]).with_status({"p1": "done"})
    plan = plan.edited([Remove(op="remove", target="p2")])
    assert (status(plan, "p"), ids(plan.ready())) == ("done", ["q"])


def test_a_whole_is_done_with_its_parts_in_whatever_order_they_stand() -> None:
    plan = plan_of(new("a")).edited([Split(op="split", target="a", into=[new("b"), new("c")])])
    plan = plan.edited([Split(op="split", target="b", into=[new("d"), new("e")])])
    plan = plan.edited([Reorder(op="reorder", order=["e", "d", "c", "b", "a"])])
    plan = plan.with_status(dict.fromkeys(("c", "d", "e"), "done"))
    assert {subtask.status for subtask in plan} == {"done"}


def test_the_tree_may_be_neither_too_wide_nor_too_deep() -> None:
    with pytest.raises(PlanEditError, match="more than 2 subtasks"):
        Plan().edited([Add(op="add", subtask=new(name)) for name in "abc"], max_width=2)
    split = Split(op="split", target="a", into=[new("x"), new("y")])
    with pytest.raises(PlanEditError, match="deeper than 1"):
        plan_of(new("a")).edited([split], max_depth=1)


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=3)), max_size=10))
def test_whatever_is_accepted_can_be_worked_off(wishes: list[tuple[int, list[int]]]) -> None:
    subtasks = [new(f"s{name}", *(f"s{other}" for other in others)) for name, others in wishes]
    try:
        plan = Plan().edited([Add(op="add", subtask=subtask) for subtask in subtasks], max_width=10)
    except PlanEditError:
        return
    while plan.ready():
        plan = plan.with_status({subtask.id: "done" for subtask in plan.ready()})
    assert all(subtask.status == "done" for subtask in plan)


def tried(**changed: object) -> ArtefactCheck:
    given = {"artefact": "data_file", "paths": ["a.csv"], "scenario": "rows", "measure": "rows", "threshold": 3}
    return ArtefactCheck.model_validate({**given, **changed})


def with_milestone(check: Check | None) -> Plan:
    goal = NewSubtask(id="a", goal="a", milestones=[Milestone(id="m", text="m", check=check)])
    return Plan().edited([Add(op="add", subtask=goal)])


@pytest.mark.parametrize(
    "weaker",
    [
        tried(threshold=2),
        tried(relation=">="),
        tried(tolerance=1),
        tried(measure="other"),
        tried(paths=["b.csv"]),
        CommandCheck(command="true"),
        None,
    ],
)
def test_what_a_milestone_measures_and_its_bound_never_change(weaker: Check | None) -> None:
    plan = with_milestone(tried())
    with pytest.raises(PlanEditError, match=r"milestone m of subtask a asks for rows == 3 of a\.csv; keep it"):
        plan.edited([Update(op="update", target="a", milestones=[Milestone(id="m", text="m", check=weaker)])])
    with pytest.raises(PlanEditError, match="keep it"):
        plan.edited([Update(op="update", target="a", milestones=[])])


def test_how_a_milestone_is_tried_can_be_mended_and_other_checks_can_be_exchanged() -> None:
    mended = tried(parameters={"where": {"kind": "paid"}}, control={"name": "drop_rows"})
    plan = with_milestone(tried()).edited(
        [Update(op="update", target="a", milestones=[Milestone(id="m", text="m", check=mended)])]
    )
    assert plan.subtasks[0].milestones[0].check == mended
    free = with_milestone(CommandCheck(command="make")).edited([Update(op="update", target="a", milestones=[])])
    assert free.subtasks[0].milestones == ()


def test_no_edit_changes_what_was_wished_for() -> None:
    criteria = Criteria(wish="rows", kind="data_file", criteria=())
    wished = Wished(paths=("a.csv",), artefact="data_file", criteria=criteria, sha256=criteria.sha256)
    plan = Plan(wishes=(wished,)).edited([Add(op="add", subtask=new("a"))]).edited([Stop(op="stop", reason="enough")])
    assert plan.wishes == (wished,)
    assert wished.intact
    assert not wished.model_copy(update={"criteria": criteria.model_copy(update={"wish": "fewer"})}).intact
