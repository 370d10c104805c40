"""Who is asking: signing in and out, the language, and which pages a role may see."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import (
    RoleMixin,
    Security,
    UserDatastore,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine import people, tables
from engine.errors import Forbidden, Invalid, PercorsoError
from engine.people import Person
from web import accounts
from web.door import door
from web.text import LANGUAGES, clock

pages = Blueprint("auth", __name__)

PUBLIC = frozenset({"auth.sign_in", "auth.enter", "auth.change_language", "health", "static"})
"""The endpoints that answer somebody who has not signed in; every other one asks who it is."""

BOARD_ROLES = frozenset({"management", "sales_manager", "support_manager", "cdo"})
"""Who sees the figures."""

REPAIR_ROLES = BOARD_ROLES
"""Who looks after what has failed: tries it again, changes data, skips, moves, cancels."""

MESSAGE_ROLES = BOARD_ROLES
"""Who sees the messages that no case has taken, and decides about them."""

PAYLOAD_ROLES = frozenset({"sales_manager", "support_manager", "cdo"})
"""Who of them sees what such a message carries: names, texts, addresses."""

LEAD_ROLES = frozenset({"marketing", "sales_office", "sales_rep", "sales_manager"})
"""Who writes down a new lead."""

DEPLOY_ROLES = frozenset({"cdo"})
"""Who puts drawings in."""

Answer = str | Response | tuple[str, int]


class User(UserMixin):
    """The signed-in person, as Flask-Security knows her."""

    fs_uniquifier = ""
    active = True

    def __init__(self, account_id: int, uniquifier: str, person: Person) -> None:
        self.id, self.fs_uniquifier, self.person = account_id, uniquifier, person
        self.roles: list[RoleMixin] = []


class Accounts(UserDatastore):
    """Flask-Security's view of our accounts; it only reads, so `commit` has nothing to keep."""

    def __init__(self) -> None:
        super().__init__(User, RoleMixin)

    def commit(self) -> None:
        pass

    def put(self, model: object) -> object:
        return model

    def find_user(self, case_insensitive: bool = False, **wanted: object) -> User | None:
        """The user of a session. A database that cannot be read is said once; then nobody is asking."""
        if "unreadable" in g:
            return None
        try:
            return _user(str(wanted.get("fs_uniquifier", "")))
        except PercorsoError:
            g.unreadable = True
            raise


def install(app: Flask) -> None:
    """Turn sign-in on for every page that is not PUBLIC."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_MSG_UNAUTHENTICATED=("", "info"),
    )
    Security(app, Accounts(), register_blueprint=False)
    app.before_request(_ask_who)
    app.register_blueprint(pages)


def me() -> Person:
    """The signed-in person; only for pages that are not PUBLIC."""
    return cast(Person, current_user.person)


def someone() -> Person | None:
    """The signed-in person, if there is one."""
    return me() if current_user and current_user.is_authenticated else None


def require(roles: frozenset[str]) -> None:
    """Let only those in who have one of the roles."""
    if not me().roles & roles:
        raise Forbidden(
            "page_forbidden",
            "This page is not for your role.",
            where=request.path,
            remedy="Ask an administrator for the role, if you need it.",
        )


def language() -> str:
    """The language chosen in this session, else the person's, else the company's."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    person = someone()
    return person.language if person and person.language in LANGUAGES else door().settings.language


def inside(address: str | None) -> str | None:
    """The address if it lies inside this site: nobody is sent elsewhere after signing in."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")):
        return None if any(ord(character) < 32 for character in address) else address
    return None


@pages.get("/sign-in")
def sign_in() -> Answer:
    if someone():
        return redirect(inside(request.args.get("next")) or url_for("inbox.index"))
    return _sign_in_page()


@pages.post("/sign-in")
def enter() -> Answer:
    key, password = request.form.get("key", ""), request.form.get("password", "")
    here = door()
    with here.writing() as tx:
        attempt = accounts.begin(tx, key, here.settings.sign_in_attempts)
    if attempt.wait_until is not None:
        until = clock(attempt.wait_until, here.clock(), language(), here.settings.timezone)
        return _sign_in_page(_("Too many wrong passwords. Try again at %(time)s.", time=until), 429)
    if not attempt.matches(password) or attempt.account_id is None:
        return _sign_in_page(_("That name and password do not belong together."), 422)
    with here.writing() as tx:
        accounts.succeed(tx, attempt.account_id)
        account = tx.session.get_one(accounts.Account, attempt.account_id)
        uniquifier, person_id = account.fs_uniquifier, account.person_id
        if session.get("language") in LANGUAGES:
            tx.session.get_one(tables.Person, person_id).language = session["language"]
    user = _user(uniquifier)
    if user is None:
        return _sign_in_page(_("That name and password do not belong together."), 422)
    login_user(user)
    return redirect(inside(request.form.get("next")) or url_for("inbox.index"), 303)


@pages.post("/sign-out")
def sign_out() -> Answer:
    logout_user()
    session.pop("language", None)
    return redirect(url_for("auth.sign_in"), 303)


@pages.post("/language")
def change_language() -> Answer:
    """Keep the language for the session, and for the person who is signed in."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        person = someone()
        if person is not None:
            with door().writing() as tx:
                tx.session.get_one(tables.Person, person.id).language = wanted
        refresh()
    return redirect(inside(request.form.get("next")) or url_for("inbox.index"), 303)


@pages.get("/account")
def account() -> Answer:
    return _account_page()


@pages.post("/account")
def change_password() -> Answer:
    """Another password for oneself; every other browser in which one is signed in has to sign in again."""
    problems = _password_problems(request.form.get("new", ""), request.form.get("again", ""))
    if problems:
        return _account_page(problems, 422)
    here, person = door(), me()
    with here.writing() as tx:
        attempt = accounts.begin(tx, person.key, here.settings.sign_in_attempts)
    if attempt.wait_until is not None:
        until = clock(attempt.wait_until, here.clock(), language(), here.settings.timezone)
        return _account_page({"old": _("Too many wrong passwords. Try again at %(time)s.", time=until)}, 429)
    if not attempt.matches(request.form.get("old", "")):
        return _account_page({"old": _("This is not your password.")}, 422)
    with here.writing() as tx:
        uniquifier = accounts.set_password(tx, person.id, request.form["new"]).fs_uniquifier
    user = _user(uniquifier)
    if user is not None:
        login_user(user)  # The session of the old password has just ended, this browser's too.
    flash(_("Your password is changed. Other browsers have to sign in again."), "success")
    return redirect(url_for("auth.account"), 303)


def to_sign_in() -> Response:
    """Send somebody who is not signed in to the sign-in page, and back afterwards where that makes sense."""
    partly = request.headers.get("HX-Request") == "true"
    address = None
    if request.method == "GET":
        address = request.full_path if request.query_string else request.path
    else:
        flash(_("You are no longer signed in. Sign in and do it again."), "warning")
    target = url_for("auth.sign_in", next=None if address == "/" else address)
    if partly:
        # The page that asked stays where it is otherwise, and would show the sign-in page inside itself.
        return Response(headers={"HX-Redirect": target})
    return redirect(target, 302 if request.method == "GET" else 303)


def _ask_who() -> Response | None:
    if request.endpoint is None or request.endpoint in PUBLIC or someone():
        return None
    return to_sign_in()


def _user(uniquifier: str) -> User | None:
    with door().reading() as tx:
        found = tx.session.execute(
            select(accounts.Account.id, tables.Person.key)
            .join(tables.Person, tables.Person.id == accounts.Account.person_id)
            .where(accounts.Account.fs_uniquifier == uniquifier)
            .where(accounts.Account.active, tables.Person.active)
        ).first()
        return User(found.id, uniquifier, people.by_key(tx, found.key)) if found else None


def _sign_in_page(problem: str | None = None, status: int = 200) -> Answer:
    order = list(door().settings.roles)
    with door().reading() as tx:
        shown = [people.by_key(tx, person.key) for person in accounts.demo_people(tx)]
    shown.sort(
        key=lambda person: min((order.index(role) for role in person.roles if role in order), default=99)
    )
    target = inside(request.values.get("next"))
    return render_template(
        "sign_in.html",
        problem=problem,
        people=shown,
        password=accounts.DEMO_PASSWORD,
        key=request.form.get("key", ""),
        target=target,
    ), status


def _password_problems(new: str, again: str) -> dict[str, str]:
    try:
        accounts.check(new)
    except Invalid as error:
        return {"new": _(error.template).format(**error.params)}
    return {} if new == again else {"again": _("This is not the same as the new password.")}


def _account_page(problems: dict[str, str] | None = None, status: int = 200) -> Answer:
    with door().reading() as tx:
        demo = accounts.is_demo(tx)
    return render_template(
        "account.html",
        person=me(),
        problems=problems or {},
        labels={"old": _("Password until now"), "new": _("New password"), "again": _("New password again")},
        shortest=accounts.SHORTEST,
        demo=demo,
    ), status
