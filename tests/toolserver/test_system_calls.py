"""The list of allowed system calls: what could reach into the kernel or another process is refused, work goes on."""

import json
import platform
from typing import Any

import pytest

from tests.toolserver.asking import ask
from toolserver.client import Sandbox
from toolserver.deployment.hardening import system_calls

NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        "mount": 165,
        "unshare": 272,
        "setns": 308,
        "ptrace": 101,
        "bpf": 321,
        "keyctl": 250,
        "add_key": 248,
        "userfaultfd": 323,
        "perf_event_open": 298,
        "name_to_handle_at": 303,
        "open_by_handle_at": 304,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "personality": 135,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "pidfd_getfd": 438,
        "fsopen": 430,
        "kexec_load": 246,
        "init_module": 175,
        "settimeofday": 164,
        "swapon": 167,
        "reboot": 169,
        "chroot": 161,
    },
    "aarch64": {
        "mount": 40,
        "unshare": 97,
        "setns": 268,
        "ptrace": 117,
        "bpf": 280,
        "keyctl": 219,
        "add_key": 217,
        "userfaultfd": 282,
        "perf_event_open": 241,
        "name_to_handle_at": 264,
        "open_by_handle_at": 265,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "personality": 92,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "pidfd_getfd": 438,
        "fsopen": 430,
        "kexec_load": 104,
        "init_module": 105,
        "settimeofday": 170,
        "swapon": 224,
        "reboot": 142,
        "chroot": 51,
    },
}

FIRST_ARGUMENT = {
    # a new user namespace
    "unshare": 0x10000000,
    # addresses that are not random
    "personality": 0x40000,
    # PTRACE_TRACEME, which a process may always do where it is not filtered
    "ptrace": 0,
}

TRY_ALL = """
import ctypes, errno, json
libc = ctypes.CDLL(None, use_errno=True)
answers = {}
for name, (number, first) in json.loads(%r).items():
    ctypes.set_errno(0)
    result = libc.syscall(number, ctypes.c_long(first), *[ctypes.c_long(0)] * 5)
    answers[name] = errno.errorcode[ctypes.get_errno()] if result == -1 else 'allowed'
json.dumps(answers)
"""

SOCKETS = {
    "AF_VSOCK": "socket.AF_VSOCK, socket.SOCK_STREAM",
    "AF_PACKET": "socket.AF_PACKET, socket.SOCK_RAW",
    "AF_ALG": "socket.AF_ALG, socket.SOCK_SEQPACKET",
    "AF_XDP": "44, socket.SOCK_RAW",
    "AF_KEY": "15, socket.SOCK_RAW",
    "AF_BLUETOOTH": "31, socket.SOCK_RAW",
    "raw IPv4": "socket.AF_INET, socket.SOCK_RAW, 1",
    "raw IPv6": "socket.AF_INET6, socket.SOCK_RAW, 58",
}

OLD_DOOR = """
import ctypes, mmap, os
# mov eax, 20 (getpid of 32-bit programs); int 0x80; ret
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
child = os.fork()
if child == 0:
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    os._exit(0)
os.WTERMSIG(os.waitpid(child, 0)[1])
"""

ORDINARY_WORK = """
import multiprocessing, os, socket, sqlite3, subprocess, tempfile, threading
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(20)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(done) == 20
assert subprocess.run(['sh', '-c', 'echo out | cat'], capture_output=True).stdout == b'out\\n'
if os.fork() == 0:
    os._exit(0)
os.wait()
with multiprocessing.get_context('fork').Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
server = socket.create_server(('127.0.0.1', 0))
socket.create_connection(server.getsockname()).close()
a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'
assert [name for _, name in socket.if_nameindex()] == ['lo']
base = sqlite3.connect('work.db'); base.execute('create table t (x)'); base.commit()
with tempfile.TemporaryDirectory() as folder:
    os.symlink('x', folder + '/l'); os.mkfifo(folder + '/f')
'fine'
"""


async def evaluate(sandbox: Sandbox, code: str) -> str:
    outcome = await ask(sandbox, "python", code=code)
    assert outcome.ok, outcome.text
    return str(outcome.data["stdout"]).strip().strip("'")


@pytest.mark.docker
async def test_dangerous_system_calls_are_refused(container: Sandbox) -> None:
    numbers = NUMBERS[platform.machine()]
    asked = {name: (number, FIRST_ARGUMENT.get(name, 0)) for name, number in numbers.items()}

    answers = json.loads(await evaluate(container, TRY_ALL % json.dumps(asked)))

    assert answers == dict.fromkeys(asked, "EPERM")


@pytest.mark.docker
@pytest.mark.parametrize("family", SOCKETS)
async def test_sockets_that_are_not_of_the_network_or_local_are_refused(container: Sandbox, family: str) -> None:
    code = f"import socket\ntry:\n    socket.socket({SOCKETS[family]})\n    print('allowed')\n"
    code += "except OSError as error:\n    print(error.errno)\n"

    assert await evaluate(container, code) == "1"


@pytest.mark.docker
@pytest.mark.skipif(platform.machine() != "x86_64", reason="other processors have no such door")
async def test_the_door_of_32_bit_programs_does_not_lead_round_the_list(container: Sandbox) -> None:
    # SIGSYS
    assert await evaluate(container, OLD_DOOR) == "31"


@pytest.mark.docker
async def test_ordinary_work_goes_on(container: Sandbox) -> None:
    assert await evaluate(container, ORDINARY_WORK) == "fine"


@pytest.mark.docker
async def test_the_nodes_own_interpreter_can_run_pip(container: Sandbox) -> None:
    made = await ask(container, "shell", command="python3 -m venv v && v/bin/pip --version && v/bin/pip list")

    assert made.data["exit_code"] == 0, made.text
    assert "pip" in str(made.data["stdout"])


def rules() -> list[dict[str, Any]]:
    return list(json.loads(system_calls())["syscalls"])


def test_what_is_not_on_the_list_is_refused() -> None:
    filter_ = json.loads(system_calls())

    assert filter_["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {entry["architecture"] for entry in filter_["archMap"]} == {"SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"}
    assert all(entry["subArchitectures"] == [] for entry in filter_["archMap"])


def test_calls_that_can_do_harm_by_an_argument_are_allowed_with_conditions_only() -> None:
    free = {
        name
        for rule in rules()
        if not rule.get("args") and rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }

    assert not free & {"clone", "clone3", "socket", "socketcall", "personality"}
