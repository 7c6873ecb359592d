"""What the measured isolation means in words, and what whoever runs the service can do about each gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .language import gettext as _


@dataclass(frozen=True)
class Gap:
    """Something that does not protect here. `reason`: what the machine said, in English."""

    title: str
    meaning: str
    remedy: str
    reason: str


def level_in_words(isolation: Mapping[str, Any] | None) -> str:
    """One sentence for the level in force."""
    if isolation is None:
        return _("No worker is at work, so nothing is measured and nothing is graded.")
    return {
        "L4": _(
            "Everything there is protects this machine: what is handed in can compute and print, no more."
        ),
        "L3": _(
            "What is handed in sees neither files nor network, nor other programs. Something is still missing."
        ),
        "L2": _(
            "What is handed in can open no files of yours and no network, but shares the system it runs in."
        ),
        "L1": _("Only time, memory and output are limited. Code that is handed in can reach your files."),
        "L0": _("Nothing protects this machine from code that is handed in."),
    }.get(str(isolation["level"]), "")


def gaps(isolation: Mapping[str, Any]) -> list[Gap]:
    """Every gap that was measured, in words."""
    return [_gap(text) for text in isolation.get("gaps", [])]


def _gap(text: str) -> Gap:
    mechanism, colon, reason = text.partition(": ")
    known = {
        "cgroup": (
            _("No control groups"),
            _(
                "Memory, processor and threads are limited for each process, not for all of a submission together."
            ),
            _(
                "Start the workers by systemd with Delegate=yes, or as root where control groups v2 are mounted."
            ),
        ),
        "namespaces": (
            _("No namespaces"),
            _(
                "What is handed in shares this system's lists of processes and files, even where it cannot open them."
            ),
            _(
                "Allow unprivileged user namespaces on this machine, or run the workers where they are allowed."
            ),
        ),
        "landlock": (
            _("No Landlock"),
            _("One of the two locks in front of this machine's files is missing."),
            _("Run the workers on Linux 5.13 or newer with Landlock switched on (lsm=landlock,… at boot)."),
        ),
        "seccomp": (
            _("No filter of system calls"),
            _("What is handed in may ask the kernel for anything, as any program may."),
            _("Run the workers on Linux on x86-64 or arm64, outside of a container that forbids filters."),
        ),
        "user": (
            _("No user of its own"),
            _("What is handed in runs under the same user as the worker; the other locks keep them apart."),
            _("Start the workers as root: each submission then runs under a user that owns nothing."),
        ),
        "threads": (
            _("No threads"),
            _("Root's threads cannot be counted here, so a submission gets none."),
            _("Start the workers under a user that is not root, or where there are control groups."),
        ),
    }
    if colon and mechanism in known:
        title, meaning, remedy = known[mechanism]
        return Gap(title, meaning, remedy, reason)
    return Gap(
        _("An attack got through"),
        _("The measurement at the workers' start attacks the box from inside; this attempt was not stopped."),
        _("Let only people whom you trust hand in, until the other gaps are closed."),
        text,
    )
