"""Which runs a server refuses to begin, since their programs would be kept in less well than it should be."""

from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.runtime.confinement import confinement_of
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX, sandbox_kinds
from webui.context import Context


async def check_sandbox(here: Context, task: Task, options: RunOptions) -> None:
    """Refuse a run that needs a sandbox where that would be a local one, unless the server was told to allow it.

    Questions that are browsed for, or put to a model, run no programs.

    Raises:
        ConfigurationError: says what to do.
    """
    if here.local_sandboxes or options.sandbox == NO_SANDBOX or task.browse is not None or task.ask is not None:
        return
    config = here.settings.sandbox
    if options.sandbox not in (None, config.kind):
        # a name that is none is refused by whoever opens sandboxes
        config = sandbox_kinds().get(options.sandbox or "", config)
    found = await confinement_of(config, local_sandboxes=False)
    if found.place == "refused":
        raise ConfigurationError(found.line)


async def check_sandbox_of(here: Context, run_id: str, override: RunOptions) -> None:
    """Refuse to go on with a run, as ``check_sandbox`` does.

    Raises:
        ConfigurationError: says what to do.
    """
    task, options = await here.ledger.created(run_id)
    await check_sandbox(here, task, RunOptions.model_validate(options).overridden_by(override))
