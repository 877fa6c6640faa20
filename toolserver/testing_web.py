"""A web on loopback for tests of whatever browses: good pages, and servers that do what servers should not.

Everything is answered by a real server on a real socket; what it is asked is noted.
"""

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from toolserver.egress.profiles import HostRule

HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request as it came: the address with its query, and headers by name in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What a path answers.

    Attributes:
        body: all of it; of an endless answer, the part that is sent over and over.
        headers: beside type and length.
        endless: the body comes again and again, until whoever asked hangs up.
        seconds_a_byte: how slowly it comes.
        declared: length that the head names; None for the true one.
    """

    body: bytes
    content_type: str | None = HTML
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    endless: bool = False
    seconds_a_byte: float = 0.0
    declared: int | None = None


Handler = Callable[[Asked], Answer]


@dataclass
class HostileWeb:
    """A web server on loopback.

    Attributes:
        pages: what each path answers; may be changed at any time. A path that is not there is answered 404.
        asked: every request that came, in order.
        folder: files that are served below ``/files/``.
    """

    pages: dict[str, Answer | Handler]
    folder: Path | None = None
    port: int = 0
    host: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def rule(self) -> HostRule:
        """What lets a sandbox reach it."""
        return HostRule(host=self.host, ports=(self.port,), private=True)

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.origin}{path}"

    def answer(self, asked: Asked) -> Answer:
        """Return what a request is answered."""
        path = urlsplit(asked.path).path
        found = self.pages.get(asked.path) or self.pages.get(path)
        if callable(found):
            return found(asked)
        if found is not None:
            return found
        return self._file(unquote(path)) or Answer(b"<h1>Not found</h1>", status="404 Not Found")

    def _file(self, path: str) -> Answer | None:
        if self.folder is None or not path.startswith("/files/"):
            return None
        file = (self.folder / path.removeprefix("/files/")).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            return None
        kinds = {".html": HTML, ".css": "text/css", ".js": "text/javascript", ".png": "image/png"}
        return Answer(file.read_bytes(), content_type=kinds.get(file.suffix, "application/octet-stream"))


@asynccontextmanager
async def hostile_web(
    pages: Mapping[str, Answer | Handler] | None = None, *, folder: Path | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[HostileWeb]:
    """Serve pages for the length of a block; by default those of ``hostile_pages``."""
    web = HostileWeb(dict(hostile_pages() if pages is None else pages), folder, host=host)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while await _served(web, reader, writer):
                    pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, host, 0)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _served(web: HostileWeb, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answer one request; returns whether another may follow."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    if headers.get("content-length", "0").isdigit():
        await reader.readexactly(int(headers.get("content-length", "0")))
    asked = Asked(target, headers)
    web.asked.append(asked)
    answer = web.answer(asked)
    lines = [f"HTTP/1.1 {answer.status}", *answer.headers]
    if answer.content_type is not None:
        lines.append(f"content-type: {answer.content_type}")
    declared = len(answer.body) if answer.declared is None else answer.declared
    lines.append("transfer-encoding: chunked" if answer.endless else f"content-length: {declared}")
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
    if method == "HEAD":
        return True
    await _sent(answer, writer)
    return not answer.endless and answer.declared is None


async def _sent(answer: Answer, writer: asyncio.StreamWriter) -> None:
    if answer.endless:
        chunk = f"{len(answer.body):x}\r\n".encode() + answer.body + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
    if answer.seconds_a_byte:
        for index in range(len(answer.body)):
            writer.write(answer.body[index : index + 1])
            await writer.drain()
            await asyncio.sleep(answer.seconds_a_byte)
    writer.write(answer.body)
    await writer.drain()


def page(body: str, *, title: str = "A page", head: str = "") -> Answer:
    """Return the answer of a whole HTML page."""
    source = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return Answer(source.encode())


def redirect(to: str, status: str = "302 Found") -> Answer:
    """Return an answer that leads elsewhere."""
    return Answer(b"", headers=(f"location: {to}",), status=status)


ARTICLE: Final = (
    "<main><h1>The lighthouse</h1><p>The lighthouse was built in 1857 by Ada Stone. It is 41 metres high.</p>"
    "<p>In 1923 its lamp was changed. The old one is in the museum of the town.</p></main>"
)


def hostile_pages() -> dict[str, Answer | Handler]:
    """Return good pages and what servers do wrong, by path."""
    words = " ".join(f"cheap{n} flights{n} hotel{n} casino{n} insurance{n}" for n in range(80))
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    # 100 MB, and 100 kB on the way
    bombed = b"".join([bomb.compress(b"<p>" + b"a" * 1_000_000) for _ in range(100)] + [bomb.flush()])
    return {
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain"),
        "/good": page(ARTICLE, title="The lighthouse"),
        "/private/page": page(ARTICLE),
        "/moved": redirect("/good"),
        "/error": Answer(b"<h1>Oops</h1>", status="500 Internal Server Error"),
        "/loop/a": redirect("/loop/b"),
        "/loop/b": redirect("/loop/a"),
        "/chain": _chain,
        "/inwards": redirect("http://169.254.169.254/latest/meta-data/"),
        "/file-scheme": redirect("file:///etc/passwd"),
        "/endless": Answer(b"<p>" + b"more and more " * 4000 + b"</p>", endless=True),
        "/large": Answer(b"<p>x</p>", declared=2 * 1024**3),
        "/cut-off": Answer(page(ARTICLE).body, declared=5000),
        "/refresh": page("Moved.", head='<meta http-equiv="refresh" content="0; url=/good">'),
        "/big": _big,
        "/bomb": Answer(bombed, headers=("content-encoding: gzip",)),
        "/gzip": Answer(gzip.compress(page(ARTICLE).body), headers=("content-encoding: gzip",)),
        "/deflate": Answer(zlib.compress(page(ARTICLE).body)[2:-4], headers=("content-encoding: deflate",)),
        "/damaged-gzip": Answer(b"\x1f\x8b\x08\x00nonsense", headers=("content-encoding: gzip",)),
        "/unasked-coding": Answer(b"\x00\x01\x02", headers=("content-encoding: br",)),
        "/wrong-charset": Answer(
            f"<html><head><meta charset=utf-8></head><body><main><p>{CHINESE}</p></main></body></html>".encode(
                "gb18030"
            ),
        ),
        "/latin": Answer(
            "<html><body><main><p>Le café est fermé depuis l'été dernier, hélas, mais il rouvrira bientôt.</p></main>"
            "</body></html>".encode("cp1252"),
            content_type="text/html",
        ),
        "/html-as-pdf": Answer(page(ARTICLE).body, content_type="application/pdf"),
        "/pdf-as-html": Answer(pdf("The tower is 41 metres high and was built in 1857 by Ada Stone.")),
        "/paper.pdf": Answer(
            pdf("The tower is 41 metres high and was built in 1857 by Ada Stone.", "Page two is about its lamp."),
            content_type="application/pdf",
        ),
        "/damaged.pdf": Answer(b"%PDF-1.4\nnonsense", content_type="application/pdf"),
        "/picture": Answer(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), content_type="image/png"),
        "/empty": page("", title=""),
        "/nothing": Answer(b""),
        "/words": page(f"<p>{words}</p>"),
        "/challenge": page("<h1>Just a moment...</h1><p>Verify you are human by completing the action below.</p>"),
        "/challenge-403": Answer(
            page('<script src="/cdn-cgi/challenge-platform/x.js"></script>').body, status="403 Forbidden"
        ),
        "/login": page("<h1>Sign in</h1><form><input name=u><input type=password name=p></form><p>Members only</p>"),
        "/forbidden": Answer(b"<p>no</p>", status="403 Forbidden"),
        "/unauthorised": Answer(b"<p>no</p>", status="401 Unauthorized"),
        "/busy": Answer(b"slow down", status="429 Too Many Requests", headers=("retry-after: 120",)),
        "/nowhere": redirect("http://["),
        "/busy-for-nonsense": Answer(b"slow down", status="429 Too Many Requests", headers=("retry-after: \xb2",)),
        "/nonsense-name": Answer(
            page(ARTICLE).body,
            content_type="text/html; charset*0*=utf-8; charset*=utf-8",
            headers=("content-disposition: inline; filename*0*=a; filename*=b",),
        ),
        "/slow": Answer(page(ARTICLE).body, seconds_a_byte=0.2),
        "/shell": page(
            '<div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript>'
            '<script>document.getElementById("root").innerHTML = "<p>The tide comes at six o\'clock.</p>"</script>'
        ),
        "/chinese": page(f"<main><h1>灯塔</h1><p>{CHINESE}</p></main>", title="灯塔"),
        "/arabic": page(f'<main dir="rtl" lang="ar"><p>{ARABIC}</p></main>', title="المنارة"),
        "/hidden": page(HIDDEN, head="<style>@media print{.no{display:none}} .trap, #trap2 {display: none}</style>"),
        "/plain.txt": Answer(
            b"First line.\nSecond line: 12,000 boats.\n\tindented code()\n", content_type="text/plain"
        ),
        "/links": page(
            '<main><p>See <a href="/good#top">the lighthouse</a> and <a href="javascript:alert(1)">this</a>, or '
            '<a href="mailto:a@example.org">write</a> to <a href="https://example.org/x y">them</a>.</p></main>'
        ),
        "/file.bin": Answer(
            bytes(range(256)) * 40,
            content_type="application/octet-stream",
            headers=('content-disposition: attachment; filename="../../etc/data.bin"',),
        ),
    }


CHINESE: Final = (
    "这座灯塔建于一八五七年\uff0c由斯通设计\uff0c高四十一米。一九二三年更换了灯具\uff0c"
    "旧的灯具保存在镇上的博物馆里。参观者每年超过三万人。"
)
ARABIC: Final = "بنيت المنارة عام 1857 وارتفاعها 41 مترا. تم تغيير مصباحها في عام 1923، والمصباح القديم في المتحف."

HIDDEN: Final = """<main><p>The visible text of this page says that the harbour opens at seven in the morning.</p>
<p style="display:none">TRAP1</p><p style="visibility: hidden">TRAP2</p><p hidden>TRAP3</p>
<p aria-hidden="true">TRAP4</p><p style="font-size:0">TRAP5</p><p style="font-size:1px">TRAP6</p>
<p style="position:absolute; left:-9999px">TRAP7</p><p style="text-indent:-9999px">TRAP8</p>
<p style="color:white">TRAP9</p><div style="background:#333"><p style="color:#333333">TRAP10</p></div>
<p style="opacity:0">TRAP11</p><!-- TRAP12 --><noscript>TRAP13</noscript><template>TRAP14</template>
<p class="trap">TRAP15</p><p id="trap2">TRAP16</p><p style="width:1px;height:1px;overflow:hidden">TRAP17</p>
<p style="clip: rect(0,0,0,0); position:absolute">TRAP18</p><p style="transform: scale(0)">TRAP19</p>
<p>The gate\u200b is\u202e painted\U000e0041 <span class="no">red</span>.<!-- x --> It closes at noon.</p>
<p style="background:#222"><span style="color:white">White on dark is seen.</span></p></main>"""


def _chain(asked: Asked) -> Answer:
    number = int(urlsplit(asked.path).query or "0")
    return redirect(f"/chain?{number + 1}")


def _big(asked: Asked) -> Answer:
    """Return a page of nine megabytes."""
    lines = (f"<p>Paragraph {n} of a very long page says that boat {n} came in at noon.</p>" for n in range(115_000))
    return page(f"<main>{''.join(lines)}</main>", title="Big")


def pdf(*pages: str) -> bytes:
    """Return a PDF document with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    return data + f"{tail}<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n".encode()
