"""A process of its own that makes text out of bytes: ``python -m toolserver.browsing.reader``, until its input ends.

Parsers may crash, hang or take much memory on what the web sends; then this process is lost and no other page.
Each request is a line of JSON, a ``Job``, and as many bytes as it says; each answer is a line of JSON.
"""

import os
import resource
import sys
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import json

from toolserver.browsing.content import content_of, extractor_versions
from toolserver.browsing.decoding import decoded, media_of
from toolserver.browsing.hidden import INVISIBLE
from toolserver.browsing.pdf import extractor_version, pdf_content
from toolserver.browsing.reading import Job, Read, ReadAnswer
from toolserver.browsing.wire import Extractor, PageAnchor, PageLink
from toolserver.errors import PageFailed

MEMORY: Final = 2 * 1024 * 1024 * 1024
"""Bytes of data that a document may need."""


def main() -> int:
    """Serve requests until there are no more."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while line := sys.stdin.buffer.readline():
        job = json.decode(line, type=Job)
        data = sys.stdin.buffer.read(job.size)
        wire.write(json.encode(answer(job, data)) + b"\n")
        wire.flush()
    return 0


def answer(job: Job, data: bytes) -> ReadAnswer:
    """Return what bytes say, or why they say nothing."""
    try:
        return ReadAnswer(read=read(job, data))
    except PageFailed as failed:
        return ReadAnswer(kind=failed.kind, message=str(failed))
    except MemoryError:
        return ReadAnswer(
            kind="too_large", message="the page needs more memory to be read than it may; open another page"
        )


def read(job: Job, data: bytes) -> Read:
    """Return what bytes say.

    Raises:
        PageFailed: they are no text.
    """
    media = media_of(data, job.content_type)
    if media == "other":
        what = f" ({job.content_type})" if job.content_type else ""
        raise PageFailed("not_text", f"{job.url} is a file without text{what}; open another page")
    if media == "pdf":
        document = pdf_content(data, longest=job.longest)
        extractor = Extractor(name="pypdfium2", version=extractor_version())
        return Read(
            media="pdf",
            title=document.title,
            text=document.text,
            extractor=extractor,
            anchors=tuple(document.anchors[: job.links]),
            cut=document.cut,
            recognised=document.recognised,
        )
    source, encoding = decoded(data, job.charset, is_html=media == "html")
    if media == "plain":
        text = INVISIBLE.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
        extractor = Extractor(name="plain", version="2", options={"encoding": encoding})
        title, cut = unquote(urlsplit(job.url).path.rpartition("/")[2]), len(text) > job.longest
        return Read(media="plain", title=title, text=text[: job.longest], extractor=extractor, cut=cut)
    content = content_of(source, job.url, longest=job.longest, links=job.links)
    return Read(
        media="html",
        title=content.title,
        text=content.rendered.text,
        extractor=Extractor(
            name="plumbline-html",
            version=extractor_versions(),
            options={"encoding": encoding, "main": content.method},
        ),
        links=tuple(PageLink(text=text, url=url, offset=at) for text, url, at in content.rendered.links),
        anchors=tuple(PageAnchor(name=name, offset=at) for name, at in content.rendered.anchors),
        scripts=content.scripts,
        password=content.password,
        noscript=content.noscript,
        refresh=content.refresh,
        cut=content.rendered.cut,
    )


if __name__ == "__main__":
    sys.exit(main())
