"""What a run was started with, beside its task: recorded with it, so that resuming it needs no options."""

from pydantic import Field

from agent.domain.base import Fact


class RunOptions(Fact):
    """Choices made on the command line or in a form.

    Attributes:
        model: model for every role, overriding the settings.
        roles: models by role, overriding the settings.
        sandbox: kind of sandbox (``auto``, ``docker``, ``local``), overriding the settings.
        egress: what the sandbox may reach (``none``, ``packages``, ``open``), overriding the settings.
    """

    model: str | None = None
    roles: dict[str, str] = Field(default_factory=dict)
    sandbox: str | None = None
    egress: str | None = None

    def overridden_by(self, other: "RunOptions") -> "RunOptions":
        """Return these options with what another set chooses in place of them."""
        return RunOptions(
            model=other.model or self.model,
            roles={**({} if other.model else self.roles), **other.roles},
            sandbox=other.sandbox or self.sandbox,
            egress=other.egress or self.egress,
        )
