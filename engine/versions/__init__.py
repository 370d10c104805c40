"""Deploys drawings: reads, checks, and keeps each as a version with all that belongs to it."""

from engine.versions.deploying import check, deploy, style
from engine.versions.report import Deployed, Report
from engine.versions.stored import VersionRow, newest, pick, versions

__all__ = [
    "Deployed",
    "Report",
    "VersionRow",
    "check",
    "deploy",
    "newest",
    "pick",
    "style",
    "versions",
]
