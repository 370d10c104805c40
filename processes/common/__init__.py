"""What the processes share: records of what came in, matching, looking up, services for all."""

from collections.abc import Mapping

from engine.catalog import Service
from processes.common.lookup import address, mail_contact, search
from processes.common.steps import after, close_lead, code, disqualify_lead, happened, instant, lead_of, row

SHARED: Mapping[str, Service] = {"disqualify_lead": disqualify_lead}
"""Services for every process, also for those drawn without any Python of their own."""

__all__ = [
    "SHARED",
    "address",
    "after",
    "close_lead",
    "code",
    "happened",
    "instant",
    "lead_of",
    "mail_contact",
    "row",
    "search",
]
