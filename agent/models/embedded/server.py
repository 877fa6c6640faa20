"""The child process that runs the embedded model: ``python -m agent.models.embedded.server``.

It reads its settings as one JSON line from standard input, prints one JSON line with its address when the model is
loaded, and ends when its standard input closes, which happens however its parent ends. The key is random for each start
and never on a command line.
"""

import json
import os
import sys
import threading
from typing import Any

from pydantic import Field

from agent.domain.base import Form

PROMPT_CACHE_MIB = 256
"""Limit of the prompt cache; the library's own default is beyond what a small machine has."""


class ServerSettings(Form):
    """How to run the model.

    Attributes:
        weights: path of the GGUF file.
        alias: model name that the server answers to.
        key: what a request must show as its bearer token.
        low_memory: keep no second, faster copy of the weights.
    """

    weights: str
    alias: str
    key: str = Field(min_length=16)
    context: int
    threads: int
    low_memory: bool


def main() -> None:
    """Serve until standard input closes."""
    # the library logs to standard output, which must carry the address alone
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = ServerSettings.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _start(settings)
    answers.write(json.dumps({"address": server.listening_address}) + "\n")
    answers.flush()
    threading.Event().wait()


def _start(settings: ServerSettings) -> Any:
    # importing the library loads llama.cpp, which the parent process must be spared
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = settings.weights
    parameters.model_alias = [settings.alias]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [settings.key]
    # no web page may call it; the default lets every origin
    parameters.cors_origins = "http://127.0.0.1"
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.n_ctx = settings.context
    parameters.n_parallel = 1
    parameters.use_jinja = True
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.no_extra_bufts = settings.low_memory
    parameters.cpuparams.n_threads = settings.threads
    parameters.cpuparams_batch.n_threads = settings.threads
    parameters.verbosity = 1
    return xllamacpp.Server(parameters)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    # the library has no way to stop its server, and its threads would keep the process
    os._exit(0)


if __name__ == "__main__":
    main()
