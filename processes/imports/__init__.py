"""Leads from a file: read it, map its columns, start a case for each row at its own date."""

from processes.imports.leads import import_leads
from processes.imports.mapping import Layout, load
from processes.imports.report import ImportReport, Line

__all__ = ["ImportReport", "Layout", "Line", "import_leads", "load"]
