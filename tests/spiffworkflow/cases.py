"""All cases, in reading order."""

from __future__ import annotations

from tests.spiffworkflow import cases_activities, cases_events, cases_gateways
from tests.spiffworkflow.runner import Case

CASES: list[Case] = [*cases_gateways.CASES, *cases_events.CASES, *cases_activities.CASES]
