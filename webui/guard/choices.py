"""What users who are no admins may choose for a run: within what an admin has set up.

A model can be named by an address, to which the server's key would be sent, or by a folder of this machine; a sandbox
can be one that keeps programs in less well; a budget can be none. These are choices of who runs the server.
"""

from collections.abc import Iterator
from typing import Final

from agent.domain.budget import Budget
from agent.domain.errors import NotAllowed
from agent.runtime.options import RunOptions
from agent.runtime.settings import Settings
from webui.guard.principals import Principal

_SAFE_MODELS: Final = frozenset({"embedded", "embedded:0.5b", "embedded:1.5b", "none"})
_SAFE_SANDBOXES: Final = frozenset({"docker", "none"})
_LIMITS: Final = ("tokens", "money", "seconds", "steps")


def check_choices(
    who: Principal, settings: Settings, options: RunOptions | None = None, budget: Budget | None = None
) -> None:
    """Refuse options or a budget that only an admin may choose.

    Raises:
        NotAllowed: says what may be chosen instead.
    """
    if who.has("admin"):
        return
    options = options or RunOptions()
    known = {*settings.models, *settings.roles.values(), *_SAFE_MODELS, settings.model}
    for model in (options.model, *options.roles.values()):
        if model is not None and model not in known:
            named = ", ".join(sorted(settings.models)) or "none so far"
            raise NotAllowed(f"only an admin may name the model {model!r}; choose one of the settings: {named}")
    if options.sandbox not in (None, settings.sandbox.kind, *_SAFE_SANDBOXES):
        raise NotAllowed(f"only an admin may choose the sandbox {options.sandbox!r}; leave it as the settings say")
    if options.egress not in (None, settings.sandbox.egress.profile, "none"):
        raise NotAllowed(
            f"only an admin may give a sandbox the network {options.egress!r}; leave it as the settings say"
        )
    if budget is not None and settings.web.largest_budget is not None:
        over = next(_over(budget, settings.web.largest_budget), None)
        if over is not None:
            raise NotAllowed(f"only an admin may set a budget over {over}; ask one to raise it")


def _over(budget: Budget, largest: Budget) -> Iterator[str]:
    """Yield the limits that a budget goes over, in words."""
    for name in _LIMITS:
        most, wanted = getattr(largest, name), getattr(budget, name)
        if most is not None and (wanted is None or wanted > most):
            yield f"{most} {name}"
