"""What a task can be given: models, sandboxes, networks, documents."""

import asyncio
import os
from pathlib import Path
from typing import Final, get_args

from fastapi import APIRouter

from agent.domain.artefacts import ArtefactKind
from agent.domain.asking import AskMode
from agent.domain.base import Fact
from agent.domain.budget import Budget
from agent.domain.errors import PlumblineError
from agent.domain.task import Mode
from agent.models.config import EmbeddedConfig
from agent.models.detection import detect
from agent.models.embedded.weights import WEIGHTS, is_installed
from agent.runtime.confinement import Confinement, confinement_of
from agent.runtime.services import EGRESS, NO_SANDBOX, name_of
from agent.runtime.settings import ROLES
from agent.verification.knowledge.base import list_knowledge
from webui.api.cards import Here
from webui.guard.runs import Who

router = APIRouter(prefix="/api", tags=["options"])

_SANDBOXES: Final = ("auto", "docker", "local", NO_SANDBOX)


class ModelChoice(Fact):
    """A model that can be named.

    Attributes:
        name: as a submission names it.
        limited: it can do guided tasks only.
        detail: one line on where it is from.
    """

    name: str
    limited: bool = False
    detail: str = ""


class Options(Fact):
    """What a submission can choose.

    Attributes:
        default_model: the model that is taken where none is named; null where there is none.
        no_model: what to do about that, in one line.
        free_models: any other model may be named as well, such as NAME@URL.
        sandbox, egress: what the settings say.
        confinement: how programs are kept in by the sandbox of the settings, or why they are not run.
        corpora: indexes of documents; knowledge: knowledge bases.
        web: whether the web is researched unless told otherwise.
        upload_megabytes: the largest file that is taken.
    """

    models: tuple[ModelChoice, ...]
    default_model: ModelChoice | None
    no_model: str = ""
    free_models: bool
    roles: tuple[str, ...]
    sandboxes: tuple[str, ...]
    sandbox: str
    confinement: Confinement
    egress_profiles: tuple[str, ...]
    egress: str
    corpora: tuple[str, ...]
    knowledge: tuple[str, ...]
    modes: tuple[Mode, ...]
    ask_modes: tuple[AskMode, ...]
    artefacts: tuple[ArtefactKind, ...]
    budget: Budget
    web: bool
    upload_megabytes: float


@router.get("/options", operation_id="find_options")
async def find_options(here: Here, who: Who) -> Options:
    """Return what a task can be given here."""
    settings = here.settings
    admin = who.has("admin")
    default, no_model = await _default(here)
    return Options(
        models=await asyncio.to_thread(_models, here),
        default_model=default,
        no_model=no_model,
        free_models=admin,
        roles=ROLES,
        sandboxes=_SANDBOXES if admin else tuple(dict.fromkeys((settings.sandbox.kind, "docker", NO_SANDBOX))),
        sandbox=settings.sandbox.kind,
        confinement=await confinement_of(settings.sandbox, local_sandboxes=here.local_sandboxes),
        egress_profiles=tuple(EGRESS) if admin else tuple(dict.fromkeys((settings.sandbox.egress.profile, "none"))),
        egress=settings.sandbox.egress.profile,
        corpora=await asyncio.to_thread(_corpora, here.home),
        knowledge=await asyncio.to_thread(list_knowledge, here.home),
        modes=get_args(Mode),
        ask_modes=get_args(AskMode),
        artefacts=get_args(ArtefactKind),
        budget=settings.budget,
        web=settings.browsing.enabled,
        upload_megabytes=settings.web.upload_megabytes,
    )


async def _default(here: Here) -> tuple[ModelChoice | None, str]:
    """Return the model that is taken where none is named, or what to do where there is none."""
    settings = here.settings
    if settings.model is not None:
        return _named(here, settings.model), ""
    try:
        found = await detect(here.home, os.environ)
    except PlumblineError as error:
        return None, str(error)
    return ModelChoice(
        name=name_of(found.config), limited=isinstance(found.config, EmbeddedConfig), detail=found.source
    ), ""


def _models(here: Here) -> tuple[ModelChoice, ...]:
    named = dict.fromkeys((*here.settings.models, *([here.settings.model] if here.settings.model else ())))
    found = [_named(here, name) for name in named]
    if "embedded" not in named and any(is_installed(weights, here.home) for weights in WEIGHTS.values()):
        found.append(_named(here, "embedded"))
    return tuple(found)


def _named(here: Here, name: str) -> ModelChoice:
    config = here.settings.models.get(name)
    embedded = isinstance(config, EmbeddedConfig) or (config is None and name.partition(":")[0] == "embedded")
    return ModelChoice(name=name, limited=embedded)


def _corpora(home: Path) -> tuple[str, ...]:
    """Return the indexes that people made by name; others belong to single tasks."""
    names = sorted(path.stem for path in (home / "corpora").glob("*.db"))
    return tuple(name for name in names if not name.startswith(("docs-", "suite-")))
