"""Incoming messages: stored first, then brought to the case that waits; and those nobody waits for."""

from engine.messages.decisions import attach, dismiss, retry
from engine.messages.delivery import MAX_NOTE, Receipt, broadcast, deliver_due, expire, receive, send
from engine.messages.unmatched import (
    STATES,
    UNMATCHED,
    Candidate,
    Unmatched,
    candidates,
    get,
    places,
    unmatched,
)

__all__ = [
    "MAX_NOTE",
    "STATES",
    "UNMATCHED",
    "Candidate",
    "Receipt",
    "Unmatched",
    "attach",
    "broadcast",
    "candidates",
    "deliver_due",
    "dismiss",
    "expire",
    "get",
    "places",
    "receive",
    "retry",
    "send",
    "unmatched",
]
