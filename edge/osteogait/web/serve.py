"""The app behind a port of this box, until it is told to stop."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.errors import MissingExtra, OsteogaitError
from osteogait.words import sentence

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the app listens: 127.0.0.1 unless a clinic says otherwise; port 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None


def serve(folder: Path, binding: Binding, lang: str, *, example: bool = False, show: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; says the address on standard error, and with `show` opens a browser.

    StoreError, before anybody can reach a page, when the data in `folder` cannot be used.
    """
    try:
        import uvicorn as _  # noqa: F401 - asked for here, where its absence can be said
    except ImportError as error:
        raise MissingExtra("web") from error
    from osteogait.storage.usable import check_usable
    from osteogait.web.app import create_app
    from osteogait.web.heartbeat import Server
    from osteogait.web.quiet_log import quiet
    from osteogait.web.station import Station

    quiet()
    listening = _listen(binding)
    station = Station(folder, example=example)
    check_usable(station.database)
    secure = binding.certificate is not None
    address = f"{'https' if secure else 'http'}://{_shown(binding.host)}:{listening.getsockname()[1]}"
    config = server_config(create_app(station, hosts=binding.hosts, secure=secure), binding)
    print(sentence("station_address", lang, {"address": address}), file=sys.stderr, flush=True)  # noqa: T201
    if show:
        _open_browser(address)
    try:
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        station.close()


def server_config(app: ASGIApp, binding: Binding) -> uvicorn.Config:
    """How the server treats whoever connects: in time, in small pieces, and told nothing about itself."""
    import uvicorn

    from osteogait.web.doorkeeper import Doorkeeper

    return uvicorn.Config(
        app, http=Doorkeeper, ws="websockets-sansio", lifespan="off", log_config=None, access_log=False,
        proxy_headers=False,  # an address that is only said would let wrong passwords be tried without a wait
        server_header=False, timeout_graceful_shutdown=3, ws_max_size=65536, ws_per_message_deflate=False,
        ssl_certfile=binding.certificate, ssl_keyfile=binding.key,
    )  # fmt: skip


def _listen(binding: Binding) -> socket.socket:
    family = socket.AF_INET6 if ":" in binding.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((binding.host, binding.port))
        listening.listen(BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OsteogaitError("station_port", host=binding.host, port=binding.port, reason=reason) from error
    return listening


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open_browser(address: str) -> None:
    """The desktop's browser, where there is a desktop."""
    import os
    import webbrowser

    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
