"""Makes the web application: the one place where engine, processes and pages meet."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import text as sql
from werkzeug.exceptions import HTTPException

from engine import xml
from engine.config import Settings
from engine.db import Database
from engine.errors import PercorsoError
from engine.runtime import Engine
from processes import catalog
from web import (
    accounts,
    assets,
    auth,
    board,
    cases,
    deploying,
    inbox,
    leads,
    messages,
    repairs,
    studio,
    words,
)
from web.door import EXTENSION, Door, door

YEAR = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Sent with every answer. Styles may be inline, for form-js and ECharts set them; scripts never."""


class Pages(Flask):
    """Flask, with files whose name changes with their content kept by browsers for a year."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        return YEAR if filename and filename.startswith("built/") else None


def create_app(engine: Engine, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """The pages on top of an engine; `clock` gives the instant at which a request happens."""
    app = Pages(__name__)
    built = assets.load(lambda path: url_for("static", filename=path))
    app.extensions[EXTENSION] = Door(engine, clock, built)
    with engine.transaction(clock()) as tx:
        app.secret_key = accounts.secret(tx, engine.settings.secret)
    app.config.update(
        SESSION_COOKIE_NAME="percorso",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        BABEL_DEFAULT_LOCALE="en",
    )
    app.before_request(_allow_uploads)  # Before the token of the form is looked for in it.
    CSRFProtect(app)
    auth.install(app)
    words.install(app)
    rooms = (inbox, leads, cases, messages, repairs, board, studio, deploying)
    for pages in (room.pages for room in rooms):
        app.register_blueprint(pages)
    app.add_url_rule("/health", "health", _health)
    app.after_request(_add_headers)
    app.register_error_handler(PercorsoError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    return app


def make_engine(settings: Settings) -> Engine:
    """The engine with the processes of this house on the configured database."""
    database = Database(settings.database, synchronous=settings.synchronous)
    return Engine(database, catalog(), settings)


def _allow_uploads() -> None:
    """Drawings may be larger than what other pages take."""
    if request.endpoint in deploying.UPLOADS:
        request.max_content_length = deploying.MOST_BYTES
        request.max_form_memory_size = xml.MAX_BYTES


def _health() -> Response:
    """`ok` while the database answers; for load balancers and watchdogs."""
    with door().reading() as tx:
        tx.session.execute(sql("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-store"  # Pages hold names of customers.
    return response


def _refused(error: PercorsoError) -> tuple[str, int]:
    """A refusal as a page: what happened, where, and what helps."""
    if error.status >= 500:
        current_app.logger.error("%s (%s)", error.message, error.where)
    page = render_template(
        "error.html", status=error.status, title=words.title(error.status), **words.explain(error)
    )
    return page, error.status


def _http(error: HTTPException) -> auth.Answer | HTTPException:
    """404, 405 and their kind, and a form that lost its token, in the same page."""
    status = error.code or 500
    if status < 400:
        return error
    if isinstance(error, CSRFError) and auth.someone() is None and request.endpoint not in auth.PUBLIC:
        return auth.to_sign_in()
    if isinstance(error, CSRFError):
        message, remedy = _("This page was open for too long."), _("Go back, load it again and repeat.")
    else:
        message, remedy = words.http(status)
    page = render_template(
        "error.html", status=status, title=words.title(status), message=message, remedy=remedy
    )
    return page, status


def _unexpected(error: Exception) -> tuple[str, int]:
    """Our own fault: the reader gets a number, the log what happened under that number."""
    number = secrets.token_hex(4)
    current_app.logger.exception("incident %s at %s %s", number, request.method, request.path)
    page = render_template(
        "error.html",
        status=500,
        title=words.title(500),
        message=_("Something went wrong here. Nothing of what you just did was kept."),
        remedy=_(
            "Try again. If it happens again, tell your administrator the number %(number)s.",
            number=number,
        ),
        number=number,
    )
    return page, 500
