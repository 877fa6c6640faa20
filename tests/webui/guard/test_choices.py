"""What operators may not choose for their runs."""

from pathlib import Path
from typing import Any

from agent.domain.budget import Budget
from agent.runtime.options import RunOptions
from agent.runtime.settings import Settings
from agent.runtime.web_settings import WebSettings
from tests.webui.serving import serving
from webui.guard.choices import check_choices
from webui.guard.principals import Principal

WITHIN = {"tokens": 1_000, "steps": 50}
LIMITED = WebSettings(largest_budget=Budget.model_validate(WITHIN))

OVER: list[dict[str, Any]] = [
    {"options": {"model": "gpt@http://evil.example/v1"}},
    {"options": {"model": "person:/etc"}},
    {"options": {"model": "gpt-of-somebody"}},
    {"options": {"roles": {"planner": "x@http://evil.example/v1"}}},
    {"options": {"sandbox": "local"}},
    {"options": {"egress": "open"}},
    {"budget": {"tokens": 1_001, "steps": 50}},
    {"budget": {"steps": 50}},
    {"budget": {"tokens": 1_000, "steps": None}},
]


async def test_some_things_only_an_admin_may_choose(tmp_path: Path) -> None:
    async with serving(tmp_path / "home", web=LIMITED) as web:
        mei = {"Authorization": f"Bearer {web.access.add_user('mei', 'operator')}"}
        for fields in OVER:
            submission = {"goal": "count", "budget": WITHIN, **fields}
            refused = await web.client.post("/api/runs", json=submission, headers=mei)
            assert (refused.status_code, refused.json()["error"]) == (403, "NotAllowed"), fields
        assert (await web.client.get("/api/runs", headers=mei)).json()["runs"] == []

        options = {"model": "scripted", "sandbox": "none", "egress": "none"}
        submission = {"goal": "count", "budget": WITHIN, "options": options}
        taken = await web.client.post("/api/runs", json=submission, headers=mei)
        assert taken.status_code == 202
        run = f"/api/runs/{taken.json()['id']}"
        for fields in OVER:
            order = {"command": {"op": "set_budget", "budget": fields["budget"]}} if "budget" in fields else None
            asked = [("resume", fields), ("fork", {"seq": 1, **fields})] if order is None else [("commands", order)]
            for verb, body in asked:
                refused = await web.client.post(f"{run}/{verb}", json=body, headers=mei)
                assert (refused.status_code, refused.json()["error"]) == (403, "NotAllowed"), (verb, fields)


def test_an_admin_may_choose_them() -> None:
    ada = Principal(name="ada", role="admin", via="token")
    for fields in OVER:
        options, budget = (fields.get(name, {}) for name in ("options", "budget"))
        check_choices(ada, Settings(web=LIMITED), RunOptions.model_validate(options), Budget.model_validate(budget))
