"""Serve a model's weights for the embedded tests: ``python server.py WEIGHTS``; prints the address once it is ready."""

import sys
import time

import xllamacpp


def main() -> None:
    """Load the weights and serve them until the process is ended."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames = ["127.0.0.1"]
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    parameters.use_jinja = True
    parameters.cpuparams.n_threads = 1
    parameters.cache_ram_mib = 512
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)  # noqa: T201 - the parent reads it
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
