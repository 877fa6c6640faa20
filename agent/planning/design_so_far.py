"""The course of a design whose run was stopped: put together from what was told while it went on."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.domain.artefacts import Criteria, CriterionResult, Repair
from agent.domain.design import Candidate, Design, PartPlan, Round
from agent.domain.task import BuildOrder
from agent.verification.artefacts.design.judging import ranked
from agent.verification.artefacts.design.ports import Happened


def design_so_far(order: BuildOrder, told: Sequence[Mapping[str, Any]]) -> Design | None:
    """Return a design as far as it came, not accepted; None where nothing of one stood.

    Args:
        order: how it was to be carried out.
        told: the payloads of a run's events of the kind ``design``, in order.
    """
    criteria: Criteria | None = None
    sha256 = ""
    repairs: list[Repair] = []
    parts: tuple[PartPlan, ...] = ()
    made: dict[str, Candidate] = {}
    of_round: dict[int, list[str]] = {}
    closed: dict[int, Mapping[str, Any]] = {}
    for happened in map(Happened.model_validate, told):
        data = happened.data
        match happened.stage:
            case "criteria" | "mended":
                criteria = Criteria.model_validate(data["criteria"])
                sha256 = sha256 or data["sha256"]
                repairs += [Repair.model_validate(data["repair"])] if "repair" in data else []
            case "parts":
                parts = tuple(PartPlan.model_validate(one) for one in data["parts"])
            case "candidate":
                made[happened.candidate] = Candidate.model_validate(data["made"])
                of_round.setdefault(happened.round, []).append(happened.candidate)
            case "tried":
                results = tuple(CriterionResult.model_validate(one) for one in data["results"])
                made[happened.candidate] = made[happened.candidate].model_copy(update={"results": results})
            case "round":
                closed[happened.round] = data
    if criteria is None:
        return None
    built = [one for one in ranked(list(made.values())) if one.inspection is not None]
    rounds = tuple(
        Round(
            number=number,
            candidates=tuple(made[name] for name in sorted(names)),
            best=closed.get(number, {}).get("best"),
            reflection=closed.get(number, {}).get("reflection", ""),
            change=closed.get(number, {}).get("change", ""),
        )
        for number, names in sorted(of_round.items())
    )
    return Design(
        criteria=criteria,
        criteria_sha256=sha256 or criteria.sha256,
        repairs=tuple(repairs),
        parts=parts,
        rounds=rounds,
        visual=order.visual,
        pragmatic=order.pragmatic,
        best=built[0].id if built else None,
        stop="budget",
        notes=("The run was stopped by its budget, so this is as far as the design came.",),
    )
