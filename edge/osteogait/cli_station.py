"""`osteogait serve`: the station on the screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from osteogait.cli_options import Lang, language
from osteogait.errors import ConfigError


def serve(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0 is any free one; else as configured")
    ] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on; else as configured")] = None,
    data: Annotated[Path | None, typer.Option(metavar="FOLDER", help="where everything is kept")] = None,
    example: Annotated[
        bool, typer.Option("--example", help="with a made-up person to try things on, marked as such")
    ] = False,
    show: Annotated[
        bool, typer.Option("--open", help="open the page in the browser of this desktop")
    ] = False,
    lang: Lang = "",
) -> None:
    """The station on the screen: tests with live signal, uploads, results, reports, kiosk. Ctrl-C ends it."""
    from osteogait.config import configuration, data_folder
    from osteogait.web.serve import Binding
    from osteogait.web.serve import serve as run

    chosen, station = language(lang), configuration().station
    _check_certificate(station.certificate, station.key)
    binding = Binding(
        host=station.host if host is None else host,
        port=station.port if port is None else port,
        hosts=station.hosts,
        certificate=station.certificate,
        key=station.key,
    )
    if data is not None:  # also for what asks the environment: models lie beside the database
        os.environ["OSTEOGAIT_DATA"] = str(data.absolute())
    run(data_folder(), binding, chosen, example=example, show=show)


def _check_certificate(certificate: Path | None, key: Path | None) -> None:
    """ConfigError when the two cannot serve together; before anybody is told that the station is open."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise ConfigError("station_certificate_alone")
    import ssl

    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise ConfigError("file_unreadable", file=str(path), reason=error.strerror) from error
    try:  # an empty password: nobody sits there to be asked
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise ConfigError("station_certificate", certificate=certificate, key=key) from error
