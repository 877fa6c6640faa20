"""The environment of every program a tool starts: built from nothing, so that nothing of the node's leaks in."""

import sys
from pathlib import Path
from typing import Final

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""Where systems of the Debian family keep whom they trust, private authorities among them."""

PACKAGES: Final = "PLUMBLINE_PACKAGES"
"""Variable with the folder of the packages that were installed into the sandbox; read by programs without ``site``."""

PACKAGES_FOLDER: Final = "packages"
"""The folder below the node's state into which packages are installed."""


class Environment:
    """Variables for programs of a sandbox whose home folder is ``home``."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._variables = {
            # the interpreter's own folder first, so that python is the one the node has
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            "HOME": str(home),
            "USER": "sandbox",
            "LOGNAME": "sandbox",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "SHELL": "/bin/bash",
            "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
            "PYTHONUNBUFFERED": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            # without a network each further try costs seconds and cannot help
            "PIP_RETRIES": "0",
        }

    def variables(self) -> dict[str, str]:
        """Return the variables."""
        return dict(self._variables)

    def let_out(self, proxy_port: int, packages: Path, index_url: str | None) -> None:
        """Have programs use the way out, and find packages that are installed in a folder."""
        proxy = f"http://127.0.0.1:{proxy_port}"
        here = "localhost,127.0.0.1,::1"
        for name, value in (("http", proxy), ("https", proxy), ("all", proxy), ("no", here)):
            self._variables |= {f"{name}_proxy": value, f"{name.upper()}_PROXY": value}
        if CERTIFICATES.is_file():
            for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
                self._variables[name] = str(CERTIFICATES)
        if index_url is not None:
            self._variables["PIP_INDEX_URL"] = index_url
        self._variables |= {"PIP_RETRIES": "2", "PIP_PROXY": proxy, "PIP_TARGET": str(packages)}
        self.find_packages(packages)

    def find_packages(self, packages: Path) -> None:
        """Have programs find packages that are installed in a folder."""
        self._variables |= {
            "PYTHONPATH": str(packages),
            PACKAGES: str(packages),
            "PATH": f"{self._variables['PATH']}:{packages / 'bin'}",
        }
