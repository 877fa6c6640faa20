"""What a run was started with, beside its task: recorded with it, so that resuming it needs no options."""

from typing import Any

from pydantic import Field

from agent.domain.base import Fact


class RunOptions(Fact):
    """Choices made on the command line or in a form.

    Attributes:
        model: model for every role, overriding the settings.
        roles: models by role, overriding the settings.
        sandbox: kind of sandbox (``auto``, ``docker``, ``local``), overriding the settings.
    """

    model: str | None = None
    roles: dict[str, str] = Field(default_factory=dict)
    sandbox: str | None = None

    def changed(self, **values: Any) -> "RunOptions":
        """Return these options with those values that are given replaced."""
        return self.model_copy(update={name: value for name, value in values.items() if value})
