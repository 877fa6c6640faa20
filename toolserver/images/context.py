"""What a sandbox image is made of, and the tag that follows from it."""

import functools
import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import Final

import toolserver

REPOSITORY: Final = "plumbline-toolserver"
BROWSING_REPOSITORY: Final = "plumbline-browsing"
CAD_REPOSITORY: Final = "plumbline-cad"

IMAGE_FILES: Final = ("Dockerfile", "requirements.txt", "constraints.txt")
"""Beside this file: how an image is built, what it has, in which versions. Nothing depends on what the host has."""

NODE_SOURCES: Final = ("__init__.py", "errors.py", "protocol.py", "node")

BROWSING_FILES: Final = ("Dockerfile.browsing", "browsing.txt", "browsing-constraints.txt")
"""Beside this file: what the image of browsing sandboxes has on top of the other."""

BROWSING_SOURCES: Final = ("forms.py", "line_serving.py", "line_wire.py", "browsing", "pages")

CAD_FILES: Final = ("Dockerfile.cad", "cad.txt", "cad-constraints.txt")
"""Beside this file: what the image of CAD sandboxes has on top of the other."""

CAD_SOURCES: Final = ("line_serving.py", "line_wire.py", "packet_filter.py", "cad")

CA_VARIABLES: Final = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@functools.cache
def image_tag() -> str:
    """Return the tag of the image that belongs to this version of the package and its pinned requirements.

    An image that was built from anything else has another tag, so a stale image is never used.
    """
    return f"{REPOSITORY}:{_digest(_files())}"


@functools.cache
def browsing_tag() -> str:
    """Return the tag of the image of browsing sandboxes, which stands on that of this version; see ``image_tag``."""
    return f"{BROWSING_REPOSITORY}:{_digest({**_browsing_files(), 'base': image_tag().encode()})}"


@functools.cache
def cad_tag() -> str:
    """Return the tag of the image of CAD sandboxes, which stands on that of this version; see ``image_tag``."""
    return f"{CAD_REPOSITORY}:{_digest({**_cad_files(), 'base': image_tag().encode()})}"


def build_context() -> bytes:
    """Return the build context as a tar file."""
    return _packed({**_files(), **_certificates()})


def browsing_context() -> bytes:
    """Return the build context of the image of browsing sandboxes as a tar file."""
    files = _browsing_files()
    return _packed({**files, "Dockerfile": files["Dockerfile.browsing"]})


def cad_context() -> bytes:
    """Return the build context of the image of CAD sandboxes as a tar file."""
    files = _cad_files()
    return _packed({**files, "Dockerfile": files["Dockerfile.cad"]})


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo("extra-ca")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _files() -> dict[str, bytes]:
    """Return everything that makes the image what it is, by name in the context."""
    return _collected(IMAGE_FILES, NODE_SOURCES)


def _browsing_files() -> dict[str, bytes]:
    return _collected(BROWSING_FILES, BROWSING_SOURCES)


def _cad_files() -> dict[str, bytes]:
    return _collected(CAD_FILES, CAD_SOURCES)


def _collected(beside: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, bytes]:
    package = Path(toolserver.__path__[0])
    files = {name: (package / "images" / name).read_bytes() for name in beside}
    for source in sources:
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
