"""Attacks by processes that do not end, flood, or break what looks after them."""

import asyncio

from evals.attacks.arena import Arena, Attack, Finding
from toolserver.client import SandboxLost

GB = 1024**3

_DAEMON = r"""
cat > daemon.py <<'END'
import os, signal, sys, time
for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
for descriptor in range(3):
    os.close(descriptor)
while True:
    with open("heartbeat", "a") as file:
        file.write("x")
    time.sleep(0.05)
END
python3 daemon.py
sleep 0.3
"""


async def _beats_on(arena: Arena) -> bool:
    before = (await arena.shell("stat -c %s heartbeat"))["stdout"]
    await asyncio.sleep(0.5)
    return bool((await arena.shell("stat -c %s heartbeat"))["stdout"] != before)


async def _daemon(arena: Arena) -> Finding:
    ended = await arena.shell(_DAEMON + "sleep 600", seconds=2)
    alive = await _beats_on(arena)
    return Finding(not alive and ended["error"] == "timeout", "it lives on" if alive else "gone with its call")


async def _daemon_of_a_call_that_ends(arena: Arena) -> Finding:
    await arena.shell(_DAEMON)
    alive = await _beats_on(arena)
    return Finding(not alive, "it lives on" if alive else "gone with its call")


async def _flood(arena: Arena) -> Finding:
    outcome = await arena.call("shell", command="head -c 10G /dev/zero", seconds=300)
    written = outcome.data.get("stdout_bytes")
    stored = (await arena.shell("du -s -B1 ../state 2>/dev/null | cut -f1"))["stdout"].strip()
    bounded = len(outcome.text) < 200_000 and (not stored.isdigit() or int(stored) < 64 * 1024 * 1024)
    return Finding(
        bounded and written == 10 * GB, f"{written:,} bytes written, {len(outcome.text):,} shown, {stored} bytes kept"
    )


async def _full_disk(arena: Arena) -> Finding:
    await arena.shell("for n in 1 2 3 4 5 6; do cat /dev/zero > fill-$n; done 2>/dev/null", seconds=120)
    first = await arena.shell("echo on a full disk")
    removed = await arena.shell("rm -f fill-*")
    stopped = "on a full disk" in first["stdout"] and removed["exit_code"] == 0
    return Finding(stopped, f"then a command: {first['error'] or 'works'}; rm: {removed['error'] or 'works'}")


async def _binary_output(arena: Arena) -> Finding:
    outcome = await arena.call("shell", command=r"head -c 100000 /dev/urandom; printf '\xff\xfe\x00'", seconds=30)
    return Finding(outcome.ok and len(outcome.text) < 200_000, f"{len(outcome.text):,} characters, printable")


async def _closes_its_output(arena: Arena) -> Finding:
    ended = await arena.shell("exec >&- 2>&-; sleep 0.5; exit 7", seconds=20)
    return Finding(ended["exit_code"] == 7, f"exit code {ended['exit_code']}")


async def _kills_its_node(arena: Arena) -> Finding:
    await arena.sandbox.upload("kept", b"kept")
    try:
        await arena.shell("kill -9 $(grep -ls toolserver.node /proc/[0-9]*/cmdline | cut -d/ -f3 | sort -n); sleep 5")
    except SandboxLost:
        await arena.reopened()
        kept = await arena.sandbox.download("kept", max_bytes=10)
        return Finding(kept == b"kept", "SandboxLost; opened again with its workspace")
    return Finding(True, "the node could not be killed")


async def _sets_the_clock(arena: Arena) -> Finding:
    ended = await arena.shell("date -s '2001-01-01' >/dev/null 2>&1; echo $?; date +%Y")
    status, year = ended["stdout"].split()
    return Finding(status != "0" and int(year) > 2020, f"date -s: exit code {status}; the year is {year}")


async def _kernel_dies(arena: Arena) -> Finding:
    if not await arena.offers("notebook"):
        return Finding(None, "this sandbox has no notebook")
    died = await arena.call(
        "notebook", action="execute", code="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    after = await arena.call("notebook", action="execute", code="print(6 * 7)")
    return Finding(died.error == "kernel_died" and "42" in after.text, f"{died.error}; the next cell works")


ATTACKS = (
    Attack("4b", "leave the disk full", "the next commands run, so that files can be deleted", _full_disk),
    Attack("8", "daemon that ignores every signal, in a call that times out", "gone with its call", _daemon),
    Attack("8b", "the same in a call that ends by itself", "gone with its call", _daemon_of_a_call_that_ends),
    Attack("9", "10 GB of output", "cut at the cap, memory and disk bounded", _flood),
    Attack("9b", "binary output, invalid UTF-8", "shown as text", _binary_output),
    Attack("9c", "program that closes its output", "waited for all the same", _closes_its_output),
    Attack("31", "kill the notebook's kernel in mid cell", "typed error, the next cell works", _kernel_dies),
    Attack("32", "kill the node itself", "SandboxLost; workspace there when opened again", _kills_its_node),
    Attack("36", "set the clock", "refused", _sets_the_clock),
)
