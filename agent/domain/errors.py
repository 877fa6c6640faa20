"""Errors, named by who must act.

PlumblineError
├── UsageError                 the caller corrects the input                          exit 2
│   ├── UnknownRun             no run has that id
│   ├── NotInRun               the run has no such file, blob or evidence
│   ├── NotDrawn               a file cannot be made a picture of
│   ├── UnknownKnowledge       no knowledge base has that name
│   ├── NotAllowed             somebody else may do it
│   ├── StalePlan              the command was based on an older version of the plan
│   ├── TooLarge               a file is larger than is taken
│   ├── SetupFailed            the program that prepares a workspace does not do it
│   └── CommandConflict        another command was sent under the same key before
├── ConfigurationError         the user changes a setting or installs something       exit 2
│   └── ModelNotConfigured     no model is configured at all
├── ServiceError               something outside must recover; the run can be resumed exit 1
│   ├── ModelUnavailable       the model server is down, slow or refuses for now
│   ├── ModelRefused           the model server rejects us: key, model name, request
│   ├── SandboxUnavailable     the sandbox cannot be started or was lost
│   ├── LedgerUnavailable      the ledger cannot be read or written
│   ├── KnowledgeUnavailable   a knowledge base cannot be read or written
│   ├── MemoryUnavailable      what was learnt from people cannot be read or written
│   ├── RunBusy                another process holds the run's lease
│   └── OutputUnavailable      standard output is closed or cannot be written
├── LeaseLost                  this process must stop writing: another one took over  exit 1
├── ReplayDivergence           a recorded request no longer matches; fork the run     exit 1
├── ModelOutputError           the model must repair what it returned                 exit 1
│   ├── PlanEditError          an edit of the plan is not possible
│   └── ModelDeclined          its server refused this one request; asking again changes nothing
└── RunStopped                 control flow: the run leaves its loop in good order
    ├── BudgetExhausted        a limit of the budget was reached                      exit 4
    ├── WaitingForPerson       a question is open                                     exit 5
    ├── RunPaused              a person or a signal asked for a pause                 exit 130
    ├── RunSetAside            its process ends, and the next one goes on with it     exit 130
    └── RunCancelled           a person cancelled the run                             exit 1

Every message is one line that says what is wrong and, where somebody can act, what to do.
"""

from typing import ClassVar


class PlumblineError(Exception):
    """Root of all errors raised on purpose. ``exit_code`` is what a command ends with."""

    exit_code: ClassVar[int] = 1


class UsageError(PlumblineError, ValueError):
    """The input cannot be used as it is."""

    exit_code = 2


class UnknownRun(UsageError, LookupError):
    """No run has the given id or prefix."""


class NotInRun(UsageError, LookupError):
    """A run has no file, blob or evidence of the given name."""


class NotDrawn(UsageError):
    """A file cannot be made a picture of: it is damaged, or takes too much."""


class UnknownKnowledge(UsageError, LookupError):
    """No knowledge base has the given name."""


class NotAllowed(UsageError):
    """Whoever asks lacks the role, or is not the owner of what this is about."""


class StalePlan(UsageError):
    """A command named a plan version that is no longer the current one."""


class TooLarge(UsageError):
    """A file that somebody sends is larger than is taken."""


class SetupFailed(UsageError):
    """The program that was to prepare a run's workspace failed; the run cannot begin."""


class CommandConflict(UsageError):
    """Another command was sent under the same idempotency key, and that one stands."""


class ConfigurationError(PlumblineError):
    """A setting is missing or wrong, or an optional part is not installed."""

    exit_code = 2


class ModelNotConfigured(ConfigurationError):
    """No key, no server and no embedded model was found. The message has three lines."""


class ServiceError(PlumblineError):
    """Something we depend on failed; what was recorded is kept and the run can be resumed."""


class ModelUnavailable(ServiceError, ConnectionError):
    """The model could not be reached within the total deadline."""


class ModelRefused(ServiceError):
    """The model server answered, and the answer says that repeating the request is of no use."""


class SandboxUnavailable(ServiceError):
    """The sandbox cannot be started, or it was lost and could not be brought back."""


class LedgerUnavailable(ServiceError, OSError):
    """The ledger's database or blob folder cannot be read or written."""


class KnowledgeUnavailable(ServiceError, OSError):
    """The file of a knowledge base cannot be opened, is none, or cannot be written."""


class MemoryUnavailable(ServiceError, OSError):
    """The file of a memory, such as that of corrections, cannot be read or written."""


class RunBusy(ServiceError):
    """Another live process is running this run."""


class OutputUnavailable(ServiceError):
    """Nobody can be shown the result, since standard output is closed or cannot be written."""


class LeaseLost(PlumblineError):
    """An append was refused because another runner holds a newer fence."""


class ReplayDivergence(PlumblineError):
    """A request made now differs from the one recorded under the same key, or was never recorded."""


class RecordEnded(ReplayDivergence):
    """A replay met an effect that was never recorded, or was started and did not end."""


class ModelOutputError(PlumblineError, ValueError):
    """What the model returned cannot be used; the text tells the model how to repair it."""


class PlanEditError(ModelOutputError):
    """An edit names an unknown subtask, touches the past, makes a cycle, or goes over a limit."""


class ModelDeclined(ModelOutputError):
    """A server refused one request, or filtered its answer, where work can go on without."""


class RunStopped(PlumblineError):
    """A run leaves its loop in good order and can be continued, unless it was cancelled."""


class BudgetExhausted(RunStopped):
    """A limit of the budget was reached; resuming with a raised budget continues in place."""

    exit_code = 4


class WaitingForPerson(RunStopped):
    """A question to a person is open and nobody is here to answer it."""

    exit_code = 5


class RunPaused(RunStopped):
    """A pause was asked for."""

    exit_code = 130


class RunSetAside(RunStopped):
    """The process that works on the run ends; the run is queued for the next one."""

    exit_code = 130


class RunCancelled(RunStopped):
    """The run was cancelled."""
