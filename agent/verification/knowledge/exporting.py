"""Writes a knowledge base as RDF in N-Triples, which the loader and any RDF tool read."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from agent.domain.errors import UsageError
from agent.verification.knowledge.forms import Exported
from agent.verification.knowledge.names import normalise
from agent.verification.knowledge.store import Store

_IRI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*://|urn:)[^\x00-\x20<>\"{}|^`\\]+")
_BLANK = re.compile(r"_:\w(?:[\w.\-]*[\w\-])?")
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_OTHER_NAME = "<http://www.w3.org/2004/02/skos/core#altLabel>"
_OWL = "http://www.w3.org/2002/07/owl#"
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPE = re.compile(r"[\x00-\x1f\x7f\"\\]")


def export(store: Store, path: Path) -> Exported:
    """Write triples, names, and what is declared about relations.

    What is no IRI becomes one that begins with ``urn:plumbline:``, and has its name as label; a value that nothing else
    is said about becomes a literal. Triples with qualifiers are left out, since without these they would say more than
    is known, and so are what was learnt about relations and types that no triple gives.

    Raises:
        UsageError: the file is there already, or cannot be written.
        KnowledgeUnavailable: the knowledge base cannot be read.
    """
    lines = 0
    with store.reading() as connection:
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                for line in _lines(connection):
                    file.write(line)
                    lines += 1
        except FileExistsError as error:
            raise UsageError(f"{path} is there already; choose another name") from error
        except OSError as error:
            raise UsageError(f"{path} cannot be written whole: {error.strerror or error}") from error
        count = "SELECT count(*) FROM triples WHERE qualifiers {} ''"
        triples, left_out = (connection.execute(count.format(sign)).fetchone()[0] for sign in ("=", "!="))
    return Exported(triples=triples, lines=lines, left_out=left_out)


def _lines(connection: sqlite3.Connection) -> Iterator[str]:
    relations = {
        number: (_node(name, "relation"), label, functional, symmetric, inverse)
        for number, name, label, functional, symmetric, inverse in connection.execute(
            "SELECT number, name, label, functional, symmetric, inverse FROM relations r"
            " WHERE EXISTS (SELECT 1 FROM triples WHERE relation = r.number) ORDER BY number"
        )
    }
    for subject, relation, value, leaf in connection.execute(
        f"SELECT s.name, t.relation, o.name, {_LEAF} FROM triples t JOIN entities s ON s.number = t.subject"  # noqa: S608
        " JOIN entities o ON o.number = t.object WHERE t.qualifiers = '' ORDER BY t.subject, t.relation, t.object"
    ):
        node = _literal(value) if leaf and not _is_node(value) else _node(value, "thing")
        yield f"{_node(subject, 'thing')} {relations[relation][0]} {node} .\n"
    for number, name, label, leaf in connection.execute(
        f"SELECT o.number, o.name, o.label, {_LEAF} FROM entities o ORDER BY o.number"  # noqa: S608
    ).fetchall():
        if leaf and not _is_node(name):
            continue
        yield f"{_node(name, 'thing')} {_LABEL} {_literal(label)} .\n"
        names = connection.execute("SELECT normal FROM names WHERE entity = ? ORDER BY number", (number,))
        yield from _other_names(_node(name, "thing"), label, names)
    for number, (node, label, functional, symmetric, inverse) in relations.items():
        yield f"{node} {_LABEL} {_literal(label)} .\n"
        names = connection.execute("SELECT normal FROM relation_names WHERE relation = ? ORDER BY normal", (number,))
        yield from _other_names(node, label, names)
        if functional == "declared":
            yield f"{node} {_RDF_TYPE} <{_OWL}FunctionalProperty> .\n"
        if symmetric == "declared":
            yield f"{node} {_RDF_TYPE} <{_OWL}SymmetricProperty> .\n"
        if inverse is not None and inverse in relations and number <= inverse:
            yield f"{node} <{_OWL}inverseOf> {relations[inverse][0]} .\n"


_LEAF = (
    "o.label = o.name AND NOT EXISTS (SELECT 1 FROM triples WHERE subject = o.number)"
    " AND (SELECT count(*) FROM names WHERE entity = o.number) = 1"
)
"""Whether nothing is said about a thing but that it is the value of something."""


def _other_names(node: str, label: str, names: Iterator[tuple[str]]) -> Iterator[str]:
    for (name,) in names:
        if name != normalise(label):
            yield f"{node} {_OTHER_NAME} {_literal(name)} .\n"


def _is_node(name: str) -> bool:
    return bool(_IRI.fullmatch(name) or _BLANK.fullmatch(name))


def _node(name: str, kind: Literal["thing", "relation"]) -> str:
    if _BLANK.fullmatch(name) and kind == "thing":
        return name
    return f"<{name}>" if _IRI.fullmatch(name) else f"<urn:plumbline:{kind}:{quote(name, safe='')}>"


def _literal(text: str) -> str:
    return f'"{_ESCAPE.sub(_sign, text)}"'


def _sign(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[0]) or f"\\u{ord(match[0]):04X}"
