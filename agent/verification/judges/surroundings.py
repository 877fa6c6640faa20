"""Whether a program asks when, where or by whom it is run, so that running it elsewhere shows nothing.

Two runs a moment apart on one machine agree on the date, the name of the host and the files of a folder. So this is
read off the program, by the names it uses.
"""

import ast
import re
import warnings

from agent.verification.judges.programs import Language

_NAMES = """
    today now utcnow time time_ns localtime gmtime ctime asctime monotonic perf_counter process_time
    environ environb getenv getcwd cwd home expanduser expandvars listdir scandir walk iterdir glob iglob rglob
    exists is_file is_dir isfile isdir stat getmtime getsize argv executable version version_info hexversion
    platform system machine uname node processor python_version release gethostname gethostbyname getfqdn getuser
    getlogin getpid getppid getuid geteuid cpu_count sched_getaffinity getlocale urlopen requests httpx aiohttp socket
    subprocess popen input stdin random secrets uuid1 uuid4 urandom id
    """
_PYTHON = frozenset(_NAMES.split())
_SEEDED = frozenset({"random"})
_SHELL = re.compile(
    r"(?<![\w./-])(?:date|whoami|hostname|uname|nproc|ls|pwd|env|printenv|id|uptime|ps|df|du|free|find|stat|locale|tty|who|w"
    r"|groups|arch|lscpu|ifconfig|ip|curl|wget|ping|ssh|read|mktemp|test|\[)(?![\w=-])"
    r"|\$\{?(?:RANDOM|HOME|USER|PWD|HOSTNAME|PATH|SHELL|LANG|UID|PPID|SECONDS|EPOCHSECONDS|BASH_VERSION|\$)"
)


def asks_surroundings(program: str, language: Language) -> str:
    """Return the first name by which a program asks for its surroundings; empty where none is known.

    Files that are opened by name are no surroundings: programs run on a copy of the workspace.
    """
    if language == "shell":
        match = _SHELL.search(program)
        return match[0] if match else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(program)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return ""
    used = [
        name
        for node in ast.walk(tree)
        for name in (
            node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else "",
            node.attr if isinstance(node, ast.Attribute) else "",
        )
    ]
    if "seed" in used:
        used = [name for name in used if name not in _SEEDED]
    return next((name for name in used if name in _PYTHON), "")
