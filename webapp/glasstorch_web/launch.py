"""Open the lessons in JupyterLab with the grading service running beside it.

Both listen on this machine only. Ctrl-C stops both. JupyterLab asks for a token, which is part of the
address printed. What follows `--` is handed to JupyterLab, as in
`glasstorch start -- --ServerApp.quit_button=False`.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import quote

from glasstorch_web.places import INSTALLED_LESSONS, NoLessons, first_notebook, lessons_folder, state_folder
from glasstorch_web.supervise import CannotStart, Child, answers, free_port, stop

LAB_PORT = 8888
GRADER_PORT = 8765
START_SECONDS = 120.0
# JupyterLab as the lessons want it: no question about news, no look for updates, nothing from the network.
JUPYTER_SETTINGS = Path(__file__).with_name("jupyter")
RESTARTS = 3  # of the grading service, within
RESTART_WINDOW = 60.0  # seconds


def register(parser: argparse.ArgumentParser) -> None:
    lab = os.environ.get("GLASSTORCH_PORT", str(LAB_PORT))
    grader = os.environ.get("GLASSTORCH_GRADER_PORT", str(GRADER_PORT))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--port", type=port_number, default=lab, help="JupyterLab's port (default: %(default)s; 0: any)"
    )
    parser.add_argument(
        "--grader-port", type=port_number, default=grader, help="the service's (default: %(default)s; 0: any)"
    )
    parser.add_argument(
        "--lessons", metavar="FOLDER", help="the lessons to open (default: GLASSTORCH_LESSONS, ...)"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the addresses")
    parser.add_argument(
        "jupyter_options", nargs="*", metavar="-- JUPYTER-OPTION", help="handed to JupyterLab"
    )
    parser.set_defaults(run=run)


def port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


class Interrupted(Exception):
    """A signal asks the launcher to end."""


def run(options: argparse.Namespace) -> int:
    """Start both, watch both, stop both; 0 after Ctrl-C or JupyterLab's own Shut Down."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    children: list[Child] = []
    try:
        check_installed()
        lab_port = announced_port("JupyterLab", options.port)
        grader_port = announced_port("the grading service", options.grader_port, {lab_port})
        lessons = lessons_folder(options.lessons)
        token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
        grader = grading_service(grader_port, lessons, lab_port)
        lab = jupyter_lab(lab_port, workspace(lessons), token, grader_port, options)
        children += [lab, grader]
        grader.start()
        lab.start()
        grader.wait_until(lambda: answers(f"{address(grader_port)}/healthz"), START_SECONDS)
        lab.wait_until(lambda: answers(f"{address(lab_port)}/api/status?token={token}"), START_SECONDS)
        say(welcome(lab_port, grader_port, start_page(lessons), token, lab.log.parent))
        return watch(lab, grader, grader_port)
    except (CannotStart, NoLessons) as error:
        say(f"glasstorch start: {error}", stream_is_error=True)
        return 1
    except Interrupted:
        say("\nStopping JupyterLab and the grading service ...")
        return 0
    finally:
        try:
            stop(children)
        except Interrupted:
            say("Stopped by force.")


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def watch(lab: Child, grader: Child, grader_port: int) -> int:
    """Wait until JupyterLab ends; meanwhile start a service that has died again, a few times."""
    deaths: list[float] = []
    while lab.status is None:
        time.sleep(0.25)
        if grader.status is None or len(deaths) > RESTARTS:
            continue
        how = grader.ended_how()
        deaths = [when for when in deaths if time.monotonic() - when < RESTART_WINDOW] + [time.monotonic()]
        if len(deaths) > RESTARTS:
            say(
                f"The grading service keeps ending ({how}) and is not started again. JupyterLab stays open "
                f"so that you can save your work; Check buttons will not answer. Its log is {grader.log}:\n"
                f"{grader.last_words()}"
            )
            continue
        say(f"The grading service has ended ({how}); starting it again. Accepted submissions are kept.")
        grader.start()
        try:
            grader.wait_until(lambda: answers(f"{address(grader_port)}/healthz"), START_SECONDS)
        except CannotStart as error:
            say(str(error))
    if lab.status == 0:
        say("JupyterLab was shut down; stopping the grading service too.")
        return 0
    say(
        f"JupyterLab has ended unexpectedly ({lab.ended_how()}); stopping the grading service too. "
        f"Its log is {lab.log}:\n{lab.last_words()}",
        stream_is_error=True,
    )
    return 1


def check_installed() -> None:
    missing = [name for name in ("jupyterlab", "fastapi", "uvicorn") if find_spec(name) is None]
    if missing:
        raise CannotStart(f"{', '.join(missing)} is not installed. Try: pip install 'glasstorch[lab,web]'")


def announced_port(what: str, wanted: int, taken: Collection[int] = ()) -> int:
    """A free port, with a line on the terminal where it is not the one asked for."""
    port = free_port(wanted, taken)
    if wanted not in (0, port):
        say(f"Port {wanted} is in use by another program; {what} takes {port} instead.")
    return port


def grading_service(port: int, lessons: Path, lab_port: int) -> Child:
    return Child(
        "The grading service",
        [sys.executable, "-P", "-m", "glasstorch_web.serve", "--port", str(port)],
        state_folder() / "logs" / f"grader-{port}.log",
        {"GLASSTORCH_LESSONS": str(lessons), "GLASSTORCH_LAB_URL": f"{address(lab_port)}/lab/tree"},
    )


def jupyter_lab(port: int, folder: Path, token: str, grader_port: int, options: argparse.Namespace) -> Child:
    no_browser = options.no_browser or not has_screen()
    return Child(
        "JupyterLab",
        [
            *(sys.executable, "-P", "-m", "jupyterlab"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *(f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={start_page(folder)}"),
            *(["--no-browser"] if no_browser else []),
            *(["--allow-root"] if os.geteuid() == 0 else []),
            *options.jupyter_options,
        ],
        state_folder() / "logs" / f"jupyterlab-{port}.log",
        {
            # The token goes through the environment: other users of this machine can read command lines.
            "JUPYTER_TOKEN": token,
            "JUPYTER_CONFIG_PATH": search_path(JUPYTER_SETTINGS, os.environ.get("JUPYTER_CONFIG_PATH")),
            "GLASSTORCH_GRADER_URL": address(grader_port),
            "GLASSTORCH_LESSONS": str(folder),
            # The lessons' arrays are small, and two BLAS threads on busy cores wait for each other far longer
            # than one computes.
            "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        },
    )


def search_path(first: Path, others: str | None) -> str:
    return os.pathsep.join([str(first), *([others] if others else [])])


def has_screen() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def workspace(lessons: Path) -> Path:
    """The folder to work in: the checkout's own lessons, or a copy of those a wheel has installed."""
    if lessons != INSTALLED_LESSONS:
        return lessons
    copy = Path.cwd() / "glasstorch-lessons"
    if not copy.exists():
        shutil.copytree(lessons, copy)
        say(f"Your own copy of the lessons: {copy}")
    return copy


def start_page(folder: Path) -> str:
    notebook = first_notebook(folder)
    return f"/lab/tree/{quote(notebook.as_posix())}" if notebook else "/lab"


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def welcome(lab_port: int, grader_port: int, page: str, token: str, logs: Path) -> str:
    return (
        "\nGlasstorch is running on this machine.\n\n"
        f"  Lessons    {address(lab_port)}{page}?token={token}\n"
        f"  Exercises  {address(grader_port)}/\n\n"
        f"Ctrl-C stops both. Logs: {logs}"
    )


def say(text: str, *, stream_is_error: bool = False) -> None:
    print(text, file=sys.stderr if stream_is_error else sys.stdout, flush=True)
