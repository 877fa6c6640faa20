"""CAD programs that do what they should not, and what is said of them."""

HOSTILE = {
    "allocates without end": ("kept = []\nwhile True:\n    kept.append(bytearray(100_000_000))", "limit", "memory"),
    "allocates 50 GB at once": ("kept = bytearray(50 * 10**9)", "limit", "memory"),
    "forks without end": ("import os\nwhile True:\n    os.fork()", "program", "line 3 .*not permitted"),
    "starts a program": ("import subprocess\nsubprocess.run(['ls'])", "program", "line 2 .*not permitted"),
    "opens a socket": (
        "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)",
        "program",
        "line 2 .*not permitted",
    ),
    "asks the sandbox's node": (
        "import socket\nsocket.socket(socket.AF_UNIX).connect('/run/plumbline/node.sock')",
        "program",
        "line 2 .*not permitted",
    ),
    "ends all others": ("import os\nos.kill(-1, 9)", "program", "line 2 .*not permitted"),
    "ends the one that forked it": ("import os\nos.kill(os.getppid(), 9)", "program", "line 2 .*not permitted"),
    "reads the memory of that one": (
        "import os\nopen(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "program",
        "line 2 .*Permission denied",
    ),
    "writes beside its folder": ("open('../left', 'w').write('here')", "program", "line 1 .*Permission denied"),
    "never ends": ("while True:\n    pass", "limit", "loop that does not end|took longer"),
    "ends at once": ("import os\nos._exit(0)", "limit", "ended itself without a result"),
    "hands back what is no result": (
        "import os\nfor n in range(3, 64):\n  try: os.write(n, b'.')\n  except OSError: pass\nos._exit(0)",
        "program",
        "something else than a result",
    ),
    "prints without end": ("while True:\n    print('x' * 100_000)", "limit", "processor time|took longer"),
    "crashes the interpreter": ("import ctypes\nctypes.string_at(0)", "limit", "crashed"),
}
