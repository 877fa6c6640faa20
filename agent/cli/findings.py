"""What ``plumbline doctor`` looks at, part by part, with a fix for each problem."""

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from agent.browsing.config import key_variables
from agent.cli.opening import open_ledger
from agent.domain.base import Fact
from agent.domain.errors import ModelNotConfigured, PlumblineError
from agent.domain.task import Task
from agent.models.detection import detect
from agent.models.embedded.install import list_weights
from agent.runtime.benches import CAD_FIX, benches_of
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices, trust_file
from agent.runtime.settings import Settings, load_settings
from toolserver.client import SecretUnavailable, ToolServerError, survey_engine, unknown_servers

State = Literal["ok", "warning", "problem"]

_DISK_NEEDED = 2 << 30
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_BROWSING_PACKAGES = ("httpx2", "lxml", "trafilatura", "protego", "playwright")
_CUBE = "from build123d import Box\n\nparts = {'cube': Box(10, 10, 10)}\n"


class Finding(Fact):
    """What was found about one part, and what to do about it where something is missing."""

    part: str
    state: State
    found: str
    fix: str = ""


def checks_of(home: Path) -> Mapping[str, Callable[[], Awaitable[Finding]]]:
    """Return what looks at each part, by the part's name; settings that cannot be read are the only part then."""
    try:
        settings = load_settings(home)
    except PlumblineError as error:
        broken = Finding(part="settings", state="problem", found=str(error), fix="correct the file")
        return {"settings": lambda: _at_once(broken)}
    return {
        "model": lambda: _model(home, settings),
        "embedded model": lambda: asyncio.to_thread(_embedded, home),
        "docker": lambda: _sandbox(home, settings, "docker"),
        "docker engine": _engine,
        "local sandbox": lambda: _sandbox(home, settings, "local"),
        "egress": lambda: asyncio.to_thread(_egress, settings),
        "secrets": lambda: asyncio.to_thread(_secrets, settings),
        "mcp_servers": lambda: asyncio.to_thread(_servers, home, settings),
        "database": _database,
        "browsing": lambda: _browser(settings),
        "cad": lambda: _cad(home, settings),
        "search": lambda: asyncio.to_thread(_search, settings),
        "telemetry": lambda: asyncio.to_thread(_telemetry, settings),
        "disk": lambda: asyncio.to_thread(_disk, home),
    }


async def _at_once(finding: Finding) -> Finding:
    return finding


async def _model(home: Path, settings: Settings) -> Finding:
    try:
        if settings.model or settings.roles:
            models = await ConfiguredServices(settings, home).models(RunOptions())
            return Finding(part="model", state="ok", found=", ".join(sorted({m.name for m in models.values()})))
        return Finding(part="model", state="ok", found=(await detect(home)).source)
    except ModelNotConfigured as error:
        return Finding(part="model", state="problem", found="none is configured", fix=" ".join(str(error).split()))
    except PlumblineError as error:
        return Finding(part="model", state="problem", found=str(error), fix="plumbline config set model NAME")


def _embedded(home: Path) -> Finding:
    installed = [status.name for status in list_weights(home) if status.installed]
    if not installed:
        return Finding(part="embedded model", state="warning", found="not installed", fix="plumbline model install")
    if find_spec("xllamacpp") is None:
        fix = "pip install 'plumbline-agent[embedded]'"
        return Finding(part="embedded model", state="warning", found="weights without their runtime", fix=fix)
    return Finding(part="embedded model", state="ok", found=", ".join(installed))


async def _sandbox(home: Path, settings: Settings, kind: Literal["docker", "local"]) -> Finding:
    part = "docker" if kind == "docker" else "local sandbox"
    began = time.monotonic()
    try:
        services = ConfiguredServices(settings, home)
        sandbox = await services.open_sandbox(RunOptions(sandbox=kind), f"doctor-{uuid.uuid4().hex[:8]}", keep=False)
        if sandbox is None:
            return Finding(part=part, state="ok", found="switched off")
        description = sandbox.description
        await sandbox.close()
    except ToolServerError as error:
        fix = "plumbline toolserver image build" if "image" in str(error) else "install and start Docker, if wanted"
        return Finding(part=part, state="warning" if kind == "docker" else "problem", found=str(error), fix=fix)
    found = f"opened in {time.monotonic() - began:.1f} s. {description.isolation}"
    weak = kind == "local" and description.network == "host"
    fix = "install bubblewrap (apt install bubblewrap), or use Docker" if weak else ""
    if description.absent:
        found += f" Not offered: {'; '.join(description.absent)}."
        fix = fix or "pip install 'plumbline-agent[sandbox]'"
    return Finding(part=part, state="warning" if fix else "ok", found=found, fix=fix)


async def _engine() -> Finding:
    part = "docker engine"
    try:
        survey = await survey_engine()
    except ToolServerError as error:
        return Finding(part=part, state="warning", found=str(error), fix="install and start Docker, if wanted")
    image = f"{survey.image} ({survey.digest})" if survey.digest else f"{survey.image}, which is not built"
    found = (
        f"Docker {survey.engine}, runc {survey.runc or 'unknown'}; image {image}; "
        f"AppArmor {'on' if survey.apparmor else 'missing on this system'}; "
        f"gVisor (runsc) {'registered' if survey.gvisor else 'not registered'}; "
        f"reached by {survey.control}; disk quota: {survey.disk}"
    )
    fixes = [*survey.warnings, *([] if survey.digest else ["plumbline toolserver image build"])]
    return Finding(part=part, state="warning" if fixes else "ok", found=found, fix="; ".join(fixes))


def _egress(settings: Settings) -> Finding:
    egress = settings.sandbox.egress
    hosts = () if egress.profile == "none" else tuple(rule.host for rule in egress.hosts)
    named = f": {', '.join(hosts)}" if hosts else ""
    return Finding(part="egress", state="ok", found=f"profile {egress.profile}{named}")


def _secrets(settings: Settings) -> Finding:
    """Look whether values are there, without telling them, and whether the tools they are for exist."""
    users = {"http", *(f"mcp:{name}" for name in settings.mcp_servers)}
    ready, wrong = [], []
    for name, secret in settings.secrets.items():
        unknown = sorted(set(secret.tools) - users)
        try:
            secret.value()
        except SecretUnavailable as error:
            wrong.append(f"{name}: {error}")
        else:
            ready.append(name)
        if unknown:
            wrong.append(f"{name}: there is no tool {', '.join(unknown)} for secrets")
    found = "; ".join([*([f"{', '.join(ready)}: value there"] if ready else []), *wrong]) or "none are set"
    fix = f"set the values; secrets.NAME.tools are among {', '.join(sorted(users))}" if wrong else ""
    return Finding(part="secrets", state="warning" if wrong else "ok", found=found, fix=fix)


def _servers(home: Path, settings: Settings) -> Finding:
    part = "mcp_servers"
    try:
        unknown = unknown_servers(trust_file(home), settings.mcp_servers)
    except ToolServerError as error:
        return Finding(part=part, state="problem", found=str(error), fix="mend or delete the file")
    told = [f"{name}: {'not accepted' if name in unknown else 'accepted'}" for name in settings.mcp_servers]
    fix = "; ".join(f"plumbline tools trust {name}" for name in unknown)
    return Finding(part=part, state="warning" if fix else "ok", found="; ".join(told) or "none are attached", fix=fix)


async def _database() -> Finding:
    try:
        async with open_ledger() as (ledger, settings, home):
            began = time.monotonic()
            run_id = await ledger.create(Task(goal="a run made by plumbline doctor, removed at once"))
            await ledger.delete(run_id)
            spent = (time.monotonic() - began) * 1000
            place = "PostgreSQL" if settings.ledger.database_url else str(home / "ledger.db")
            return Finding(part="database", state="ok", found=f"{place}: a run written and removed in {spent:.0f} ms")
    except PlumblineError as error:
        return Finding(part="database", state="problem", found=str(error), fix="see the message")


async def _browser(settings: Settings) -> Finding:
    """Look for what browsing needs where its sandbox would run: in Docker its image, else packages and Chromium."""
    part = "browsing"
    image = False
    if settings.sandbox.kind != "local":
        try:
            image = (await survey_engine()).browsing
        except ToolServerError:
            image = False  # the engine has a line of its own
    if image:
        return Finding(part=part, state="ok", found="in Docker: the image of browsing sandboxes is built")
    build = "plumbline toolserver image build --browsing"
    if settings.sandbox.kind == "docker":
        return Finding(part=part, state="warning", found="the image of browsing sandboxes is not built", fix=build)
    absent = await asyncio.to_thread(lambda: [name for name in _BROWSING_PACKAGES if find_spec(name) is None])
    program = await asyncio.to_thread(
        lambda: next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    )
    fixes = [*(["pip install 'plumbline-agent[browser]'"] if absent else [])]
    fixes += [] if program else ["install Chromium (apt install chromium)"]
    if set(absent) - {"playwright"}:
        found = f"pages cannot be fetched: {', '.join(absent)} missing"
    elif fixes:
        found = f"pages can be read as text, but not in a browser: {'playwright' if absent else 'Chromium'} missing"
    else:
        found = f"locally, with {program}"
    return Finding(part=part, state="warning" if fixes else "ok", found=found, fix="; ".join(fixes))


async def _cad(home: Path, settings: Settings) -> Finding:
    """Open a CAD sandbox where runs would have theirs, and ask its program what it works with."""
    part, began = "cad", time.monotonic()
    name = f"doctor-cad-{uuid.uuid4().hex[:8]}"
    benches = benches_of(settings.sandbox, lambda purpose: name, home / "sandboxes")
    try:
        there = await benches.cad()
        try:
            ready = await there.start()
            kind = there.sandbox.description.kind
            drawn = await there.look(await there.build(_CUBE), ("oblique",), size=64)
        finally:
            await there.close()
    except (ToolServerError, PlumblineError) as error:
        told = str(error)
        fix = "" if "install" in told or "build" in told else CAD_FIX
        return Finding(part=part, state="warning", found=told, fix=fix)
    kept = ("build123d", "mujoco", "trimesh")
    versions = ", ".join(f"{name} {ready.versions[name]}" for name in kept if name in ready.versions)
    renderer = next((one.drawn_by for one in drawn if one.drawn_by), "")
    seconds = time.monotonic() - began
    pictures = f" Pictures by {renderer}." if renderer else ""
    found = f"{kind}, a cube made and drawn in {seconds:.1f} s: {versions}.{pictures}"
    slow = "" if "EGL" in renderer else "pictures are faster with EGL (apt install libegl1 libegl-mesa0)"
    return Finding(part=part, state="ok", found=found.strip(), fix=slow)


def _search(settings: Settings) -> Finding:
    """Tell where is searched, and what of it lacks its key or library; nothing is asked for this."""
    part, browsing = "search", settings.browsing
    absent = sorted(name for name in key_variables(browsing.search) if not os.environ.get(name, "").strip())
    fixes = [f"export {name}=..." for name in absent]
    if any(one.backend == "ddgs" for one in browsing.search) and find_spec("ddgs") is None:
        fixes.append("pip install 'plumbline-agent[browser]'")
    names = ", ".join(one.backend for one in browsing.search)
    if fixes:
        return Finding(part=part, state="warning", found=f"{names}; a run that searches stops", fix="; ".join(fixes))
    if all(one.backend == "corpus" for one in browsing.search):
        fix = "name a backend in browsing.search, such as searxng, to search the web"
        return Finding(part=part, state="ok", found="documents that were indexed, and nothing else", fix=fix)
    return Finding(part=part, state="ok", found=f"{names}{', joined' if browsing.combine else ', in this order'}")


def _telemetry(settings: Settings) -> Finding:
    if not settings.telemetry.enabled:
        return Finding(part="telemetry", state="ok", found="switched off")
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        fix = "pip install 'plumbline-agent[otel]'"
        return Finding(part="telemetry", state="problem", found="OpenTelemetry is not installed", fix=fix)
    variables = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    named = next((os.environ[name] for name in variables if os.environ.get(name)), "")
    what = "spans with contents" if settings.telemetry.content else "spans without contents"
    where = named or "http://localhost:4318, as OTEL_EXPORTER_OTLP_ENDPOINT is not set"
    return Finding(part="telemetry", state="ok", found=f"{what}, to {where}")


def _disk(home: Path) -> Finding:
    existing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    state: State = "ok" if free >= _DISK_NEEDED else "problem"
    return Finding(
        part="disk",
        state=state,
        found=f"{free / (1 << 30):.1f} GiB free at {existing}",
        fix="" if state == "ok" else "make room, or set PLUMBLINE_HOME to another disk",
    )
