"""Makes triples of knowledge bases into evidence, with ids that are the same wherever the triple is met."""

import hashlib

import orjson

from agent.domain.evidence import Source, Triple
from agent.verification.knowledge.forms import Held


def triple_id(base: str, held: Held) -> str:
    """Return the id of a triple of a knowledge base: it follows from what it says and where it stands."""
    said = (held.subject, held.relation, held.object, sorted(held.qualifiers.items()), held.file_sha256, held.line)
    return f"kb.{base}.{hashlib.sha256(orjson.dumps(said)).hexdigest()[:10]}"


def triple_evidence(base: str, held: Held) -> Triple:
    """Return a triple of a knowledge base as evidence; its source is the file and the line it was read from."""
    source = Source(
        title=f"knowledge base {base}",
        location=f"{held.file}:{held.line}",
        text_sha256=held.file_sha256,
        raw_sha256=held.file_sha256,
    )
    return Triple(
        id=triple_id(base, held),
        subject=held.subject,
        relation=held.relation,
        object=held.object,
        qualifiers=held.qualifiers,
        source=source,
    )


def shown(held: Held) -> str:
    """Return a triple in one line, with its place."""
    limits = "".join(f", {name} {value}" for name, value in sorted(held.qualifiers.items()))
    return f"{held.subject} | {held.relation} | {held.object}{limits} ({held.file}:{held.line})"
