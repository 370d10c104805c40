"""Commands that keep Percorso running: serve, worker, tick, db upgrade."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any

import click
from sqlalchemy import select
from waitress.server import create_server

from engine import migrations
from engine import worker as clockwork
from engine.columns import Base
from engine.errors import SetupError
from engine.tables import Version
from web.cli import words
from web.cli.desk import Answer, Desk
from web.cli.options import json_option, now_option


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@json_option
@click.pass_obj
def upgrade(desk: Desk) -> Answer:
    """Prepare the database, or bring it to the newest shape."""
    revision = prepare(desk)
    shown = desk.engine.database.pool.url.render_as_string(hide_password=True)
    shape = {"database": shown, "revision": revision}
    return Answer(shape, lambda: f"{shown} is at revision {revision}.")


def prepare(desk: Desk) -> str:
    """Apply what is missing to the database; says in words why it cannot be written."""
    desk.may_create = True
    with desk.writing(desk.now()):
        pass  # A database that cannot be written says so here, before anything is begun.
    return migrations.upgrade(desk.engine.database, Base.metadata)


@click.command()
@now_option
@json_option
@click.pass_obj
def tick(desk: Desk, now: datetime | None) -> Answer:
    """Do what is due: timers, stalled cases, mails, old messages."""
    report = clockwork.tick(desk.engine, desk.instant(now))
    text = (
        f"{report.timers} timers fired, {report.failed} cases failed, {report.stalled} stalled, "
        f"{report.mails} mails sent, {report.expired} messages expired."
    )
    return Answer(report.to_json(), lambda: text)


@click.command()
@json_option
@click.pass_obj
def worker(desk: Desk) -> None:
    """Do what is due, every few seconds, until stopped; several may run at once."""
    _check_prepared(desk)
    stop = threading.Event()
    _on_signals(stop.set)
    _log()
    bell = clockwork.Bell(desk.engine, desk.now)
    bell.start()
    say(
        desk,
        {"worker": True, "tick_seconds": desk.settings.tick_seconds},
        "The worker runs. Ctrl-C stops it.",
    )
    # Waiting without an end would hold Ctrl-C back on Windows.
    while not stop.wait(1.0):
        pass
    bell.stop()


@click.command()
@click.option("--host", help="The address to listen on; default: config.toml.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; default: config.toml.")
@json_option
@click.pass_obj
def serve(desk: Desk, host: str | None, port: int | None) -> None:
    """Serve the pages, with the worker inside, until stopped."""
    _check_prepared(desk)
    run_server(desk, host or desk.settings.host, port or desk.settings.port)


def run_server(desk: Desk, host: str, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Listen, ring the bell, and answer until a signal comes; `announce` gets the address."""
    # The pages take a second to import, which the other commands need not wait for.
    from web.app import create_app  # noqa: PLC0415

    server = _listen(create_app(desk.engine), host, port, desk.settings.threads)
    _on_signals(_stop)
    _log()
    bell = clockwork.Bell(desk.engine, desk.now)
    bell.start()
    url = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"
    if announce is not None:
        announce(url)
    else:
        say(desk, {"url": url}, f"Percorso is served at {url} (Ctrl-C stops it)")
    try:
        server.run()
    finally:
        server.close()
        bell.stop()


def check_port(host: str, port: int) -> None:
    """Refuse now what could not be served later."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise _unusable(host, port, error) from None


def say(desk: Desk, shape: dict[str, Any], text: str) -> None:
    """Say something at once, before the command ends."""
    click.echo(words.to_text(shape) if desk.json else text)


def _listen(app: Any, host: str, port: int, threads: int) -> Any:
    try:
        return create_server(app, host=host, port=port, threads=threads, ident="Percorso")
    except (OSError, ValueError) as error:
        raise _unusable(host, port, error) from None


def _unusable(host: str, port: int, error: OSError | ValueError) -> SetupError:
    number = error.errno if isinstance(error, OSError) else None
    reasons = {
        errno.EADDRINUSE: "another program uses this port",
        errno.EACCES: "this port is reserved for the system",
    }
    reason = reasons.get(number or 0) or getattr(error, "strerror", None) or str(error)
    return SetupError(
        "port_in_use" if number == errno.EADDRINUSE else "address_unusable",
        "Nothing can be served at {host}, port {port}: {reason}.",
        where=f"{host}:{port}",
        remedy="Stop that program, or choose another port: --port {other}."
        if number == errno.EADDRINUSE
        else "Choose another one with --host and --port.",
        host=host,
        port=port,
        reason=reason,
        other=port + 1 if 1024 <= port < 65535 else 8001,
    )


def _check_prepared(desk: Desk) -> None:
    with desk.reading() as tx:
        tx.session.scalar(select(Version.id).limit(1))


def _on_signals(stop: Callable[[], None]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), handle)


def _stop() -> None:
    raise SystemExit(0)


def _log() -> None:
    """What happens while nobody asked goes to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("apscheduler", "waitress"):
        logging.getLogger(name).setLevel(logging.WARNING)
