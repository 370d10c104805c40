"""The domain's tables: companies, contacts, leads, offers, tickets, interactions, imports."""

from processes.records.companies import Company
from processes.records.contacts import Contact, ContactPoint
from processes.records.imports import ImportRow, ImportRun
from processes.records.interactions import Interaction
from processes.records.leads import Lead
from processes.records.offers import Offer, OfferVersion
from processes.records.tickets import Ticket

__all__ = [
    "Company",
    "Contact",
    "ContactPoint",
    "ImportRow",
    "ImportRun",
    "Interaction",
    "Lead",
    "Offer",
    "OfferVersion",
    "Ticket",
]
