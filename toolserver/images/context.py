"""What a sandbox image is made of, and the tag that follows from it."""

import functools
import hashlib
import importlib.metadata
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import toolserver

REPOSITORY: Final = "plumbline-toolserver"

REQUIRED: Final = "pydantic"
"""The one package that a node needs; what it needs in turn follows."""

NODE_SOURCES: Final = ("__init__.py", "errors.py", "protocol.py", "node")

CA_VARIABLES: Final = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA: Final = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


@functools.cache
def image_tag() -> str:
    """Return the tag of the image that belongs to this version of the package and its installed requirements.

    An image that was built from anything else has another tag, so a stale image is never used.
    """
    digest = hashlib.sha256()
    for name, content in sorted(_files().items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"{REPOSITORY}:{digest.hexdigest()[:16]}"


def build_context() -> bytes:
    """Return the build context as a tar file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo("extra-ca")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        for name, content in {**_files(), **_certificates()}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def pinned_requirements(package: str) -> Mapping[str, str]:
    """Return the installed versions of a package and of everything it needs that is installed here."""
    pins: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    border = [(_normal(package), frozenset[str]())]
    while border:
        wanted = border.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        try:
            pins[wanted[0]] = importlib.metadata.version(wanted[0])
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on other systems only
        border.extend(_needs(*wanted))
    return dict(sorted(pins.items()))


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for requirement in importlib.metadata.requires(name) or ():
        match = _REQUIREMENT.match(requirement)
        optional = _EXTRA.search(requirement)
        if match is not None and (optional is None or optional[1] in extras):
            wanted = (extra.strip() for extra in (match[2] or "").split(","))
            yield _normal(match[1]), frozenset(extra for extra in wanted if extra)


def _files() -> dict[str, bytes]:
    """Return everything that makes the image what it is, by name in the context."""
    package = Path(toolserver.__path__[0])
    pins = pinned_requirements(REQUIRED)
    files = {
        "Dockerfile": (package / "images" / "Dockerfile").read_bytes(),
        "requirements.txt": f"{REQUIRED}=={pins[REQUIRED]}\n".encode(),
        "constraints.txt": "".join(f"{name}=={version}\n" for name, version in pins.items()).encode(),
    }
    for source in NODE_SOURCES:
        path = package / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                files[f"toolserver/{file.relative_to(package).as_posix()}"] = file.read_bytes()
    return files


def _certificates() -> dict[str, bytes]:
    """Return the certificates that the user's own tools are told to trust, if any."""
    for variable in CA_VARIABLES:
        path = os.environ.get(variable)
        if path and Path(path).is_file():
            return {"extra-ca/host.crt": Path(path).read_bytes()}
    return {}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
