"""A new lead: what somebody hears on the phone, at the counter or at a fair, written down in a form."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import asdict, dataclass, fields

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine import messages
from engine.errors import Conflict
from engine.forms.messages import FieldProblem
from processes.records import formats
from web.auth import LEAD_ROLES, Answer, me, require
from web.door import door

pages = Blueprint("leads", __name__)

LIMITS = {"name": 100, "company": 300, "phone": 40, "email": 254, "need": 4000}
"""How many characters each text may have."""


@dataclass(frozen=True)
class Filled:
    """What was filled in, without blanks around it."""

    name: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""
    need: str = ""
    channel: str = "phone"
    source: str = "unknown"

    @property
    def payload(self) -> dict[str, object]:
        """The payload of `lead.received`; intake parts a whole name into first and last name."""
        contact = {"first_name": self.name, "phone": self.phone, "email": self.email}
        return {
            "channel": self.channel,
            "source": self.source,
            "request": "event" if self.channel == "fair" else "message",
            "need": self.need,
            "contact": {key: text for key, text in contact.items() if text},
            "company": {"name": self.company} if self.company else None,
        }


@pages.get("/leads/new")
def new() -> Answer:
    require(LEAD_ROLES)
    return _form_page(Filled(), secrets.token_hex(16))


@pages.post("/leads/new")
def create() -> Answer:
    """Let the lead in and show its case; wrong fields come back with their messages, 422."""
    require(LEAD_ROLES)
    filled, token = _filled(), request.form.get("form", "")
    if not re.fullmatch("[0-9a-f]{32}", token):
        token = secrets.token_hex(16)
    problems = _problems(filled)
    if problems:
        return _form_page(filled, token, problems)
    case_no = _let_in(filled, token)
    flash(_("The lead is in: %(case_no)s", case_no=case_no), "success")
    return redirect(url_for("cases.case", case_no=case_no), 303)


def _let_in(filled: Filled, token: str) -> str:
    """The number of the lead's case, a new one unless this very form was let in before.

    The lead is stored before its case begins, so that it is not lost when that fails.
    """
    form_id = _form_id(filled, token)
    receipt = messages.receive(
        door().engine,
        door().clock(),
        "lead.received",
        payload={**filled.payload, "external_id": form_id},
        external_id=form_id,
        actor_id=me().id,
    )
    if receipt.cases:
        return receipt.cases[0].case_no
    if receipt.refusal is not None:
        raise Conflict(
            "lead_kept",
            "The lead is written down, but its case could not begin: {reason}",
            where="lead.received",
            remedy="Do not write it down again: it is among the messages, and is tried again from there.",
            reason=receipt.refusal.message,
        ) from receipt.refusal
    raise Conflict(
        "lead_without_process",
        "The lead is written down, but no process begins with a new lead here.",
        where="lead.received",
        remedy="Ask an administrator to deploy one; the lead is among the messages until then.",
    )


def _form_id(filled: Filled, token: str) -> str:
    """The same for the same form with the same content; whoever goes back and corrects it sends another."""
    content = "\0".join([token, *asdict(filled).values()])
    return f"form-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _filled() -> Filled:
    given = {one.name: request.form.get(one.name, "") for one in fields(Filled)}
    return Filled(**{key: text.replace("\r\n", "\n").strip() for key, text in given.items()})


def _problems(filled: Filled) -> dict[str, str]:
    """What is wrong, in the order of the fields, in the reader's language."""
    found: dict[str, str] = {}
    if not filled.name and not filled.company:
        found["name"] = _("Give a name or a company.")
    if not filled.phone and not filled.email:
        found["phone"] = _("Give a phone number or an e-mail address.")
    elif filled.phone and formats.phone(filled.phone) is None:
        found["phone"] = _("Give a phone number, such as 02 1234567 or +49 30 1234567.")
    if filled.email and formats.email(filled.email) is None:
        found["email"] = _say(FieldProblem("email"))
    for key, known in (("channel", _channels()), ("source", _sources())):
        if getattr(filled, key) not in known:
            found[key] = _say(FieldProblem("choice"))
    for key, limit in LIMITS.items():
        text = getattr(filled, key)
        if len(text) > limit:
            found[key] = _say(FieldProblem("maxLength", limit=limit))
        elif "\0" in text:
            found[key] = _say(FieldProblem("characters"))
    return {one.name: found[one.name] for one in fields(Filled) if one.name in found}


def _say(problem: FieldProblem) -> str:
    return str(_(problem.template).format(**problem.params))


def _form_page(filled: Filled, token: str, problems: dict[str, str] | None = None) -> Answer:
    page = render_template(
        "lead.html",
        filled=filled,
        token=token,
        problems=problems or {},
        labels=_labels(),
        limits=LIMITS,
        channels=_channels(),
        sources=_sources(),
    )
    return page, 422 if problems else 200


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "company": _("Company"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "need": _("What they ask for"),
        "channel": _("How they got in touch"),
        "source": _("How they came to know of us"),
    }


def _channels() -> dict[str, str]:
    """The codes of channels and their labels."""
    return {
        "phone": _("Phone"),
        "walk_in": _("Walk-in"),
        "fair": _("Fair"),
        "email": _("E-mail"),
        "web": _("Web"),
    }


def _sources() -> dict[str, str]:
    """The codes of sources, as the figures by source know them, and their labels."""
    return {
        "unknown": _("Not known"),
        "organic_search": _("Search engine"),
        "paid_search": _("Advertisement in a search engine"),
        "direct": _("Knew us already"),
        "social": _("Social media"),
        "fair": _("Fair"),
        "agent": _("Agent"),
        "referral": _("Recommendation"),
    }
