"""Which tool calls a person is asked about before they run."""

from collections.abc import Collection
from typing import Literal

from agent.domain.task import Mode

ToolEffect = Literal["reads", "writes", "executes", "network", "outside"]
RISKY: frozenset[ToolEffect] = frozenset({"writes", "executes", "network", "outside"})

Approval = Literal["never", "always", "effects"]
"""When the calls of a tool are asked about: ``never`` where the user trusts whoever offers it, ``always``, or by its
effects."""

Decision = Literal["allow", "ask"]


def decide(
    mode: Mode,
    *,
    untrusted: bool,
    effects: Collection[ToolEffect],
    approval: Approval = "effects",
    sends: bool = False,
    carries: bool = False,
    strict: bool = False,
) -> Decision:
    """Return whether a call may run at once or only after a person has allowed it.

    ``never`` lifts what ``auto`` asks, and nothing of what the stricter modes ask. A tool that does not say what it
    does counts as one that acts outside.

    Args:
        mode: who watches the run: ``auto`` nobody, ``review`` a person at its plan and report, ``manual`` at each step.
        untrusted: whether whoever makes the call has read text of unknown origin, which may have told it to.
        effects: what the tool does.
        approval: what the user has set for whoever offers the tool.
        sends: whether the tool runs programs that can send something to others; in ``auto`` it counts as one that acts
            outside.
        carries: whether the call names an address that is not the user's, and so can carry what was read to whoever is
            there; in ``auto`` it counts as one that acts outside.
        strict: in ``auto``, whoever has read text of unknown origin is asked about all that is not mere reading, also
            where it stays in the sandbox.
    """
    if approval == "always":
        return "ask"
    outside = "outside" in effects or not effects
    match mode:
        case "manual":
            asks = outside or bool(RISKY.intersection(effects))
        case "review":
            asks = outside
        case "auto":
            risky = outside or sends or carries or (strict and bool(RISKY.intersection(effects)))
            asks = risky and untrusted and approval == "effects"
    return "ask" if asks else "allow"
