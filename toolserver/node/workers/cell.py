"""Run Python code as a notebook cell; started as ``python -I cell.py CODE_FILE`` in the folder to work in.

The value of a last expression is printed, tracebacks show the code's own lines, and modules of the current folder can
be imported.
"""

import ast
import linecache
import os
import sys
import traceback
import types

NAME = "<code>"


def main() -> None:
    """Run the file named on the command line and end with its exit code."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double the start-up time
        source = file.read()
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = [NAME]
    # what was installed into the sandbox comes before what is in the image, as for any other program
    sys.path[:0] = [os.getcwd(), *filter(None, [os.environ.get("PLUMBLINE_PACKAGES")])]  # noqa: PTH109
    linecache.cache[NAME] = (len(source), None, source.splitlines(keepends=True), NAME)
    try:
        _run(source, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the code raised is shown, then ends the process
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != NAME:
            trace = trace.tb_next
        traceback.print_exception(error.with_traceback(trace))
        sys.exit(1)


def _run(source: str, names: dict[str, object]) -> None:
    tree = ast.parse(source, NAME)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NAME, "exec"), names)  # noqa: S102 - running code is what this program is for
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), NAME, "eval"), names)  # noqa: S307
        if value is not None:
            print(repr(value))  # noqa: T201


if __name__ == "__main__":
    main()
