"""The user's settings: one file, a few environment variables, and what a command overrides."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from agent.browsing.config import BrowsingConfig, key_variables
from agent.browsing.profile import limits_in
from agent.domain.base import Form
from agent.domain.budget import Budget
from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.execution.setting import Limits
from agent.execution.world import Browsing
from agent.ledger.database import Durability
from agent.models.config import EmbeddingConfig, ModelConfig, OpenAIConfig
from agent.runtime.telemetry.settings import TelemetrySettings
from agent.runtime.web_settings import WebSettings
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.chain.config import CheckingConfig
from toolserver.client import AutoSandbox, SandboxConfig, Secret, SecretName, ServerConfig, ServerName

Role = Literal["planner", "executor", "verifier", "vision"]
ROLES: tuple[Role, ...] = ("planner", "executor", "verifier", "vision")


class LedgerSettings(Form):
    """Where runs are kept.

    Attributes:
        database_url: ``postgresql://user@host/name``; by default a SQLite file in the data folder.
        durability: ``process`` survives the death of this process, ``power`` also a power cut.
    """

    database_url: str | None = None
    durability: Durability = "process"


class Settings(Form):
    """Everything that can be set in ``config.toml``.

    Attributes:
        model: the model for every role that has none of its own: a name from ``models``, or as for ``--model``.
        roles: models by role.
        models: models by name.
        sandbox: where tools run.
        pool_size: sandboxes that are kept started before runs ask for them; none for commands that do one run.
        pool_idle_seconds: after so long without a new run the waiting sandboxes end.
        mcp_servers: MCP servers of others by name, whose tools stand beside ours once they were accepted.
        secrets: secrets by name, which tools use without seeing them.
        budget: limits of a run, where the command gives none.
        embedding: a model that finds tools by meaning where there are very many; without one words alone count.
        browsing: where runs search and what they may fetch.
        checking: how claims are checked and rethought.
        design: limits of designs, for ``plumbline build``.
        limits: how far planning and execution may go.
        concurrency: runs worked on at the same time by one process.
        drain_seconds: how long a pause waits for what is under way before it is cut off (and repeated on resume).
        web: who may use the web application, and how much.
        telemetry: spans for OpenTelemetry.
    """

    model: str | None = None
    roles: dict[Role, str] = Field(default_factory=dict)
    models: dict[str, ModelConfig] = Field(default_factory=dict)
    sandbox: SandboxConfig = Field(default_factory=AutoSandbox)
    pool_size: int = Field(default=0, ge=0, le=64)
    pool_idle_seconds: float = Field(default=600.0, gt=0)
    mcp_servers: dict[ServerName, ServerConfig] = Field(default_factory=dict)
    secrets: dict[SecretName, Secret] = Field(default_factory=dict)
    budget: Budget = Field(default_factory=Budget)
    browsing: BrowsingConfig = Field(default_factory=BrowsingConfig)
    checking: CheckingConfig = Field(default_factory=CheckingConfig)
    design: DesignConfig = Field(default_factory=DesignConfig)
    limits: Limits = Field(default_factory=Limits)
    embedding: EmbeddingConfig | None = None
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    concurrency: int = Field(default=8, ge=1)
    drain_seconds: float = Field(default=5.0, ge=0)
    web: WebSettings = Field(default_factory=WebSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the user's data folder: ``PLUMBLINE_HOME``, else where the system keeps such data.

    Raises:
        ConfigurationError: there is something else under that name, or it begins with an unknown user's home.
    """
    configured = environment.get("PLUMBLINE_HOME")
    try:
        home = Path(configured).expanduser() if configured else Path(platformdirs.user_data_dir("plumbline"))
    except RuntimeError as error:
        raise ConfigurationError(f"PLUMBLINE_HOME {configured!r} names the home of an unknown user") from error
    if _is_no_folder(home):
        raise ConfigurationError(f"the data folder {str(home)!r} is no folder; set PLUMBLINE_HOME to one")
    return home


def _is_no_folder(home: Path) -> bool:
    try:
        return home.exists() and not home.is_dir()
    except OSError:
        # what cannot even be looked at is told where it is used
        return False


def config_file(home: Path) -> Path:
    """Return the path of the settings file."""
    return home / "config.toml"


def load_settings(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings from the file, with what the environment overrides.

    ``PLUMBLINE_MODEL``, ``PLUMBLINE_SANDBOX`` and ``PLUMBLINE_DATABASE_URL`` take precedence over the file.

    Raises:
        ConfigurationError: the file cannot be read, or a value is wrong; names the field.
    """
    path = config_file(home)
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {_reason(error)}") from error
    if environment.get("PLUMBLINE_MODEL"):
        values["model"] = environment["PLUMBLINE_MODEL"]
    if environment.get("PLUMBLINE_SANDBOX"):
        values["sandbox"] = {**_same_kind(values.get("sandbox"), environment["PLUMBLINE_SANDBOX"])}
    if environment.get("PLUMBLINE_DATABASE_URL"):
        ledger = values.setdefault("ledger", {})
        # anything but a group of settings is told below
        if isinstance(ledger, dict):
            ledger["database_url"] = environment["PLUMBLINE_DATABASE_URL"]
    return checked_settings(values, path)


def browsing_of(task: Task, settings: Settings) -> Browsing | None:
    """Return how a run researches the web; None where its task does not allow it."""
    if not task.web:
        return None
    return Browsing(profile=settings.browsing.profile.profile(), after_reading=settings.browsing.after_reading)


def with_limits(task: Task, settings: Settings) -> Task:
    """Return a task whose browsing session has its limits written down: those of the settings, where none are named."""
    order = task.browse
    if order is None or order.pipeline or order.profile is not None:
        return task
    chosen = settings.browsing.profile.profile()
    named = order.model_copy(update={"profile": chosen.name, "limits": limits_in(chosen)})
    return task.model_copy(update={"browse": named})


def keys_of(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """Return the keys of models and search services, whatever the variables that hold them are called."""
    named = [model.api_key_env for model in settings.models.values() if isinstance(model, OpenAIConfig)]
    if settings.embedding is not None:
        named.append(settings.embedding.api_key_env)
    named.extend(key_variables(settings.browsing.search))
    return [environment[name] for name in named if name and environment.get(name)]


def checked_settings(values: dict[str, Any], path: Path) -> Settings:
    """Return validated settings.

    Raises:
        ConfigurationError: a value is wrong; the message names the field and what it should be.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ConfigurationError(f"{path}: {_field(values, problem)}: {_what_is_wrong(problem)}") from error


def _field(values: Any, problem: ErrorDetails) -> str:
    """Return the field as the user writes it: without the names of kinds, which pydantic puts between."""
    named, place = [], values
    for number, part in enumerate(problem["loc"], start=1):
        inside = (isinstance(place, dict) and part in place) or isinstance(place, list)
        if inside or number == len(problem["loc"]):
            named.append(str(part))
        if inside:
            place = place[part]
    return ".".join(named)


def _what_is_wrong(problem: ErrorDetails) -> str:
    """Return what a person is to change."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return "there is no such setting; correct its name or take it out"
        case "missing":
            return "it is missing; give it a value"
        case "union_tag_invalid":
            return f"{context['discriminator']} is one of {context['expected_tags']}, not '{context['tag']}'"
        case "union_tag_not_found":
            return f"it lacks {context['discriminator']}; give it a value"
    return problem["msg"].removeprefix("Value error, ")


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _same_kind(sandbox: Any, kind: str) -> dict[str, Any]:
    """Return the configured sandbox when it is of the wanted kind, else a plain one of that kind."""
    return sandbox if isinstance(sandbox, dict) and sandbox.get("kind", "auto") == kind else {"kind": kind}
