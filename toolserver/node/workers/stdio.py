"""Become a program whose standard input and output are a connection: ``stdio.py SOCKET PROGRAM [ARGUMENTS]``.

Standard library only. The program keeps the standard error it was started with.
"""

import os
import socket
import sys


def main() -> None:
    """Connect and become the program."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(sys.argv[1])
    os.dup2(connection.fileno(), 0)
    os.dup2(connection.fileno(), 1)
    connection.close()
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - there is no shell on purpose
    except OSError as error:
        sys.exit(f"{sys.argv[2]}: {error.strerror}")


main()
