"""Settings of the web application."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from agent.domain.base import Form
from agent.domain.budget import Budget


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise ValueError(f"{error}; write an address such as 127.0.0.1, or a network such as 10.1.0.0/24") from None


HostName = Annotated[str, StringConstraints(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)$", max_length=253)]
"""Name of a host or address, without a port; IPv6 addresses in brackets."""


class WebSettings(Form):
    """Who may use the web application, and how much.

    Attributes:
        trusted_hosts: names by which browsers reach the server, besides those of the loopback interface.
        proxies: addresses or networks of proxies that sign users in.
        user_header: the header in which those proxies name the user, such as ``X-Forwarded-User``.
        session_hours: how long a browser stays signed in.
        everyone_reads: whether users may read the runs of all; otherwise each sees its own, and an admin all.
        runs_per_user: runs of one user that are queued or worked on at the same time.
        streams_per_user: runs that one user follows at the same time.
        submits_per_minute: runs that one user begins in a minute.
        uploads_per_minute: files that one user sends in a minute.
        largest_budget: what users who are no admins may give a run at most; a limit left out is none.
        upload_megabytes: largest file that is taken, in millions of bytes.
        allow_local_sandbox: whether programs of runs may be kept in local sandboxes, where there is no Docker or the
            settings say so.
        upload_hours: how long whoever uploaded a file may name it in tasks; what a task has by then stays with it.
        hold_seconds: how long a run that asks a person is held before its sandbox is left and it waits without a
            process.
    """

    trusted_hosts: list[HostName] = Field(default_factory=list)
    proxies: list[Annotated[str, AfterValidator(_network)]] = Field(default_factory=list)
    user_header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")] | None = None
    session_hours: float = Field(default=168.0, gt=0, le=8_760)
    everyone_reads: bool = False
    runs_per_user: int = Field(default=64, ge=1)
    streams_per_user: int = Field(default=256, ge=1)
    submits_per_minute: int = Field(default=60, ge=1)
    uploads_per_minute: int = Field(default=240, ge=1)
    largest_budget: Budget | None = None
    upload_megabytes: float = Field(default=100.0, gt=0, le=10_000)
    allow_local_sandbox: bool = False
    upload_hours: float = Field(default=168.0, gt=0, le=8_760)
    hold_seconds: float = Field(default=300.0, ge=0)

    @model_validator(mode="after")
    def _header_of_proxies(self) -> "WebSettings":
        if (self.user_header is None) != (not self.proxies):
            raise ValueError("user_header and proxies belong together: in which header, and who may name users")
        return self
