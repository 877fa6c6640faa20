"""An effect is performed once and recorded; a re-run is given what was recorded."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.errors import LeaseLost, ReplayDivergence
from agent.domain.messages import ToolOutcome
from agent.domain.task import Task
from agent.ledger.effects import RunLedger
from agent.ledger.redaction import Redactor
from agent.ledger.store import Ledger


class Counter:
    """Something whose performances can be counted."""

    def __init__(self, text: str = "done") -> None:
        self.times = 0
        self._text = text

    async def __call__(self) -> ToolOutcome:
        self.times += 1
        return ToolOutcome(text=f"{self._text} {self.times}")


async def opened(ledger: Ledger, run_id: str, **options: Any) -> RunLedger:
    lease = await ledger.leases.claim(run_id, f"owner-{id(options)}", seconds=-1)
    run = RunLedger(ledger, run_id, fence=lease.fence, **options)
    await run.load()
    return run


async def new_run(ledger: Ledger) -> str:
    return await ledger.create(Task(goal="count"))


async def test_an_effect_is_performed_once_however_often_it_is_re_run(any_ledger: Ledger) -> None:
    run_id, counter = await new_run(any_ledger), Counter()
    for _ in range(3):
        run = await opened(any_ledger, run_id)
        outcome = await run.effect("a/tool/0", "tool", {"tool": "count"}, ToolOutcome, counter)
        await run.flush()
        assert outcome.text == "done 1"
    assert counter.times == 1


async def test_an_effect_is_in_the_ledger_before_it_is_performed(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    seen: list[tuple[str | None, str]] = []

    async def look() -> ToolOutcome:
        seen.extend([(event.key, event.phase) async for event in ledger.events(run_id)])
        return ToolOutcome(text="looked")

    await run.effect("a/tool/0", "tool", {}, ToolOutcome, look)
    assert seen == [("run/created", "fact"), ("a/tool/0", "started")]


async def test_a_result_is_committed_before_the_next_effect_begins(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    await run.effect("a/tool/0", "tool", {}, ToolOutcome, Counter())
    phases: list[str] = []

    async def look() -> ToolOutcome:
        phases.extend([event.phase async for event in ledger.events(run_id)])
        return ToolOutcome(text="looked")

    await run.effect("a/tool/1", "tool", {}, ToolOutcome, look)
    assert phases == ["fact", "started", "done", "started"]


async def test_an_effect_that_was_started_and_not_finished_is_performed_again(ledger: Ledger) -> None:
    run_id, counter = await new_run(ledger), Counter()
    run = await opened(ledger, run_id)

    async def crash() -> ToolOutcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run.effect("a/model/0", "model", {}, ToolOutcome, crash)
    run = await opened(ledger, run_id)
    assert (await run.effect("a/model/0", "model", {}, ToolOutcome, counter)).text == "done 1"


async def test_an_outside_effect_that_may_have_happened_is_not_repeated_but_asked_about(ledger: Ledger) -> None:
    run_id, counter = await new_run(ledger), Counter()

    async def crash() -> ToolOutcome:
        raise KeyboardInterrupt

    async def ask(key: str, request: dict[str, Any]) -> ToolOutcome:
        return ToolOutcome(text=f"a person says that {request['tool']} was sent")

    run = await opened(ledger, run_id)
    with pytest.raises(KeyboardInterrupt):
        await run.effect("a/tool/0", "tool", {"tool": "mail"}, ToolOutcome, crash, repeat="never")
    run = await opened(ledger, run_id, on_unknown=ask)
    outcome = await run.effect("a/tool/0", "tool", {"tool": "mail"}, ToolOutcome, counter, repeat="never")
    assert (outcome.text, counter.times) == ("a person says that mail was sent", 0)


async def test_a_changed_request_is_a_divergence_that_names_the_effect_and_the_change(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    await run.effect("a/model/0", "model", {"messages": ["be brief"]}, ToolOutcome, Counter())
    await run.flush()
    run = await opened(ledger, run_id)
    with pytest.raises(ReplayDivergence, match=r"a/model/0 .*be brief.*be verbose.*--at 1"):
        await run.effect("a/model/0", "model", {"messages": ["be verbose"]}, ToolOutcome, Counter())


async def test_a_replay_never_performs_anything(ledger: Ledger) -> None:
    run_id, counter = await new_run(ledger), Counter()
    run = RunLedger(ledger, run_id, fence=None, mode="replay")
    await run.load()
    with pytest.raises(ReplayDivergence, match=r"a/tool/0 .*never recorded"):
        await run.effect("a/tool/0", "tool", {}, ToolOutcome, counter)
    assert counter.times == 0


async def test_a_new_model_call_where_the_record_goes_on_otherwise_is_a_divergence(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    await run.effect("a/model/0", "model", {}, ToolOutcome, Counter())
    await run.flush()
    run = await opened(ledger, run_id)
    with pytest.raises(ReplayDivergence, match="went on with a/model/0"):
        await run.effect("a/think/0", "model", {}, ToolOutcome, Counter())


async def test_parallel_branches_do_not_depend_on_each_others_order(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    await run.effect("b/tool/0", "tool", {}, ToolOutcome, Counter("b"))
    await run.effect("a/tool/0", "tool", {}, ToolOutcome, Counter("a"))
    await run.flush()
    run = await opened(ledger, run_id)
    again = await asyncio.gather(
        run.effect("a/tool/0", "tool", {}, ToolOutcome, Counter()),
        run.effect("b/tool/0", "tool", {}, ToolOutcome, Counter()),
    )
    assert [outcome.text for outcome in again] == ["a 1", "b 1"]


async def test_a_runner_that_lost_its_lease_cannot_write(any_ledger: Ledger) -> None:
    run_id, counter = await new_run(any_ledger), Counter()
    zombie = await opened(any_ledger, run_id)
    successor = await opened(any_ledger, run_id)
    with pytest.raises(LeaseLost):
        await zombie.effect("a/tool/0", "tool", {}, ToolOutcome, counter)
    assert counter.times == 0
    assert (await successor.effect("a/tool/0", "tool", {}, ToolOutcome, counter)).text == "done 1"


async def test_secrets_are_gone_from_the_result_that_the_run_goes_on_with_and_from_the_ledger(home: Any) -> None:
    secret = "swordfish-0123456789"
    ledger = await Ledger.open(home, redactor=Redactor([secret]))
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    outcome = await run.effect("a/tool/0", "tool", {"arguments": secret}, ToolOutcome, Counter(secret))
    await run.flush()
    stored = [event.model_dump_json() async for event in ledger.events(run_id)]
    await ledger.close()
    assert outcome.text == "[redacted] 1"
    assert not any(secret in event for event in stored)


async def test_what_arrived_at_a_safe_point_arrives_there_again(ledger: Ledger) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)
    first = await run.inbox("a/inbox/0", before="a/model/0", take=lambda: [{"seq": 7, "text": "hurry"}])
    await run.effect("a/model/0", "model", {}, ToolOutcome, Counter())
    second = await run.inbox("a/inbox/1", before="a/model/1", take=list)
    await run.effect("a/model/1", "model", {}, ToolOutcome, Counter())
    await run.flush()
    run = await opened(ledger, run_id)
    late = [{"seq": 9, "text": "too late for then"}]
    assert await run.inbox("a/inbox/0", before="a/model/0", take=lambda: late) == first == [{"seq": 7, "text": "hurry"}]
    assert await run.inbox("a/inbox/1", before="a/model/1", take=lambda: late) == second == []
    assert await run.inbox("a/inbox/2", before="a/model/2", take=lambda: late) == late


async def test_secrets_are_gone_from_what_arrives_at_a_safe_point_the_first_time_already(home: Any) -> None:
    ledger = await Ledger.open(home, redactor=Redactor(["hunter2hunter2"]))
    run_id = await new_run(ledger)
    said = [{"seq": 7, "text": "the password is hunter2hunter2"}]
    run = await opened(ledger, run_id)
    now = await run.inbox("a/inbox/0", before="a/model/0", take=lambda: said)
    await run.flush()
    again = await (await opened(ledger, run_id)).inbox("a/inbox/0", before="a/model/0", take=list)
    assert now == again == [{"seq": 7, "text": "the password is [redacted]"}]
    await ledger.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), max_size=20_000), key=st.sampled_from(["$blob", "$$blob", "text"]))
async def test_any_text_comes_back_as_it_was(ledger: Ledger, text: str, key: str) -> None:
    run_id = await new_run(ledger)
    run = await opened(ledger, run_id)

    async def perform() -> ToolOutcome:
        return ToolOutcome(text=text, data={key: text * 3})

    await run.effect("a/tool/0", "tool", {key: text}, ToolOutcome, perform)
    await run.flush()
    run = await opened(ledger, run_id)
    again = await run.effect("a/tool/0", "tool", {key: text}, ToolOutcome, Counter())
    assert again == ToolOutcome(text=text, data={key: text * 3})
