"""The ways: pages of an allowed site that lead, load, post or connect to the canary."""

import json
from typing import Final

from toolserver.testing_web import Answer, Handler, page, redirect

REBOUND: Final = "rebound.example"
"""A name that stands for a public address when it is first asked for, and for this machine afterwards."""

TRAP: Final = "trap.example"
"""A name that always stands for a public address and for this machine."""

STATUSES: Final = ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent")

SPELLINGS: Final = {
    "dotted": "127.0.0.1",
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "hexadecimal": "0x7f000001",
    "mixed": "0x7f.0.1",
    "short": "127.1",
    "zero": "0",
    "all zeros": "0.0.0.0",  # noqa: S104 - is asked for, not listened at
    "trailing dot": "127.0.0.1.",
    "localhost": "localhost",
    "localhost.": "localhost.",
    "below localhost": "a.localhost",
    "IPv6": "[::1]",
    "IPv6 in full": "[0:0:0:0:0:0:0:1]",
    "IPv6, none": "[::]",
    "IPv6-mapped": "[::ffff:127.0.0.1]",
    "IPv6-mapped, hexadecimal": "[::ffff:7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "NAT64": "[64:ff9b::7f00:1]",
    "full-width": "\uff11\uff12\uff17.0.0.1",
    "circled": "\u2460\u2461\u2466.0.0.1",
    "another of this machine": "127.255.255.254",
    "metadata": "169.254.169.254",
    "metadata, decimal": "2852039166",
}
"""How the address of this machine, and that of cloud metadata, can be written."""


def slug(name: str) -> str:
    """Return a name as it stands in a path."""
    return "".join(character if character.isalnum() else "-" for character in name)


def leading(port: int) -> dict[str, Answer | Handler]:
    """Return pages by path that lead the whole page to the canary; each way has the path of its own name there."""
    there = f"http://127.0.0.1:{port}"
    pages: dict[str, Answer | Handler] = {
        f"/redirect-{status[:3]}": redirect(f"{there}/redirect-{status[:3]}", status) for status in STATUSES
    }
    pages |= {
        "/redirect-twice": redirect("/redirect-302"),
        "/redirect-tls": redirect(f"https://127.0.0.1:{port}/redirect-tls"),
        "/redirect-decimal": redirect(f"http://2130706433:{port}/redirect-decimal"),
        "/refresh-header": Answer(b"<p>wait</p>", headers=(f"refresh: 0; url={there}/refresh-header",)),
        "/meta-refresh": page("wait", head=f"<meta http-equiv=refresh content='0; url={there}/meta-refresh'>"),
        "/location": page(f"<script>location.href = '{there}/location'</script>"),
        "/form": page(
            f"<form method=post action='{there}/form'><input name=a></form><script>document.forms[0].submit()</script>"
        ),
        "/window": page(f"<p>x</p><script>window.open('{there}/window')</script>"),
        "/base": page("<script>location.href = 'base'</script>", head=f"<base href='{there}/'>"),
    }
    return pages


def loading(port: int) -> dict[str, Answer | Handler]:
    """Return one page, at ``/loading``, that loads from the canary in every way there is, and what it needs besides."""
    there = f"http://127.0.0.1:{port}"
    away = {f"/away/{way}": redirect(f"{there}/{way}") for way in ("image-302", "fetch-302", "frame-302", "script-302")}
    head = "".join(
        f"<link rel={relation} {more} href='{there}/{relation}'>"
        for relation, more in (
            ("stylesheet", ""),
            ("preload", "as=script"),
            ("prefetch", ""),
            ("modulepreload", ""),
            ("icon", ""),
            ("manifest", ""),
        )
    )
    head += f"<link rel=preconnect href='{there}'><link rel=dns-prefetch href='{there}'>"
    body = f"""
      <p>This page loads what it must not, in many ways, and it says so in a sentence that is long enough.</p>
      <img src='/away/image-302'><img src='{there}/image'><script src='{there}/script'></script>
      <script src='/away/script-302'></script>
      <iframe src='{there}/frame'></iframe><iframe src='/away/frame-302'></iframe>
      <object data='{there}/object'></object><embed src='{there}/embed'>
      <video src='{there}/video' autoplay></video><audio src='{there}/audio' autoplay></audio>
      <div style="background:url({there}/background);width:9px;height:9px"></div>
      <svg width=9 height=9><image href='{there}/svg' width=9 height=9 /></svg>
      <iframe name=target></iframe><form method=post target=target action='{there}/frame-form'></form>
      <a id=pinged href='#x' ping='{there}/ping'>x</a>
      <script>
        const quiet = (work) => {{ try {{ const p = work(); p && p.catch && p.catch(() => 0) }} catch (e) {{ }} }};
        const odd = {json.dumps([[slug(name), host] for name, host in SPELLINGS.items()])};
        quiet(() => fetch('{there}/fetch'));
        quiet(() => fetch('/away/fetch-302'));
        quiet(() => fetch('{there}/fetch-post', {{ method: 'POST', body: 'x', mode: 'no-cors' }}));
        quiet(() => fetch('https://127.0.0.1:{port}/fetch-tls', {{ mode: 'no-cors' }}));
        quiet(() => navigator.sendBeacon('{there}/beacon', 'x'));
        quiet(() => new WebSocket('ws://127.0.0.1:{port}/websocket'));
        quiet(() => new WebSocket('wss://127.0.0.1:{port}/websocket-tls'));
        quiet(() => new EventSource('{there}/events'));
        quiet(() => {{ const x = new XMLHttpRequest(); x.open('GET', '{there}/xhr'); x.send() }});
        quiet(() => new Worker(URL.createObjectURL(new Blob(["importScripts('{there}/worker')"]))));
        quiet(() => new FontFace('f', "url({there}/font)").load());
        quiet(() => import('{there}/module'));
        quiet(() => document.forms[0].submit());
        quiet(() => pinged.click());
        quiet(() => navigator.serviceWorker.register('/away/script-302'));
        for (const [name, host] of odd)
          quiet(() => fetch(`http://${{host}}:{port}/odd-${{name}}`, {{ mode: 'no-cors' }}));
        for (let i = 0; i < 4; i++) setTimeout(() => quiet(() =>
          fetch('http://{REBOUND}:{port}/rebound', {{ mode: 'no-cors', cache: 'no-store' }})), i * 250);
        quiet(() => fetch('http://{TRAP}:{port}/trap', {{ mode: 'no-cors' }}));
        quiet(() => new WebTransport('https://127.0.0.1:{port}/transport').ready);
        quiet(() => {{
          const urls = ['stun:127.0.0.1:{port}', 'stun:127.0.0.1:{port}?transport=tcp'];
          const peer = new RTCPeerConnection({{ iceServers: [{{ urls }},
            {{ urls: 'turn:127.0.0.1:{port}?transport=tcp', username: 'u', credential: 'c' }}] }});
          peer.createDataChannel('x');
          return peer.createOffer().then((offer) => peer.setLocalDescription(offer));
        }});
      </script>"""
    policy = (
        f"link: <{there}/header-preload>; rel=preload; as=script",
        f"content-security-policy-report-only: img-src 'none'; report-uri {there}/report",
    )
    whole = page(body, head=head)
    return {**away, "/loading": Answer(whole.body, headers=policy)}
