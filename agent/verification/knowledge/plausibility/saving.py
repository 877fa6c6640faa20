"""The file that vectors learnt from a knowledge base are kept in: arrays only, nothing that could run."""

import contextlib
import math
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from agent.domain.errors import KnowledgeUnavailable
from agent.verification.knowledge.plausibility.embedding import Embedding, Numbers

VERSION = 1
"""Raised whenever the arrays or the meaning of the vectors change; older files are then trained anew."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Vectors, and the knowledge base's own numbers of the things and relations they are for.

    Attributes:
        digest: of the knowledge base that the numbers belong to.
        things: numbers in ascending order, one for each row of the vectors.
        relations: the same for relations.
    """

    digest: str
    things: Numbers
    relations: Numbers
    embedding: Embedding


def save(learnt: Learnt, path: Path) -> int:
    """Write a file, in place of the one that is there; return its size in bytes.

    Raises:
        KnowledgeUnavailable: it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    version=np.array(VERSION),
                    digest=np.array(learnt.digest),
                    things=learnt.things,
                    relations=learnt.relations,
                    thing_vectors=learnt.embedding.things,
                    relation_vectors=learnt.embedding.relations,
                )
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        return path.stat().st_size
    except OSError as error:
        raise KnowledgeUnavailable(f"{path} cannot be written: {error.strerror or error}") from error


def read(path: Path) -> Learnt:
    """Read a file.

    Raises:
        KnowledgeUnavailable: it cannot be read, is damaged, or is from another version.
    """
    again = "train again with `plumbline kb train`"
    try:
        with path.open("rb") as file:
            learnt = _read(file)
    except OSError as error:
        raise KnowledgeUnavailable(f"{path} cannot be read: {error.strerror or error}; {again}") from error
    except (ValueError, TypeError, KeyError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise KnowledgeUnavailable(f"{path} is damaged or from another version; {again}") from error
    if not _fits(learnt):
        raise KnowledgeUnavailable(f"{path} is damaged; {again}")
    return learnt


def _read(file: BinaryIO) -> Learnt:
    if not zipfile.is_zipfile(file):
        raise ValueError("it is no archive of arrays")
    _check_sizes(file)
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        if int(arrays["version"]) != VERSION:
            raise ValueError("it is from another version")
        return Learnt(
            digest=str(arrays["digest"]),
            things=arrays["things"].astype(np.int64, casting="safe"),
            relations=arrays["relations"].astype(np.int64, casting="safe"),
            embedding=Embedding(
                arrays["thing_vectors"].astype(np.float32, casting="no"),
                arrays["relation_vectors"].astype(np.float32, casting="no"),
            ),
        )


def _check_sizes(file: BinaryIO) -> None:
    """Raise ``ValueError`` where an array says that it is larger than what the file holds of it.

    Memory is taken for what an array says, and what is packed may be anything: a small file could ask for all there is.
    """
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                raise ValueError("its arrays are packed, which is not done here")
            with archive.open(member) as array:
                if np.lib.format.read_magic(array) != (1, 0):
                    raise ValueError("its arrays are in another format")
                shape, _, kind = np.lib.format.read_array_header_1_0(array)
                if kind.hasobject or math.prod(shape) * kind.itemsize != member.file_size - array.tell():
                    raise ValueError("an array has not the size that it says")


def _fits(learnt: Learnt) -> bool:
    things, relations = learnt.embedding.things, learnt.embedding.relations
    return (
        things.ndim == relations.ndim == 2
        and things.shape == (len(learnt.things), relations.shape[1])
        and relations.shape[0] == 2 * len(learnt.relations)
        and relations.shape[1] % 2 == 0
        and bool(np.isfinite(things).all() and np.isfinite(relations).all())
    )
