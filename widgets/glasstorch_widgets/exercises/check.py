"""`exercise("ID")`: the Check button of an exercise; `check("ID")` and `%%submit` press it from code.

There is one button. Pressing it hands the code in: the attempt counts, in a course for the gradebook too. While the
service is away the same checks run here where they are installed, which is called practice and counts for nothing; the
submission is kept and handed in by itself later.
"""

from __future__ import annotations

import logging
import threading
import weakref
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

import traitlets
from ipywidgets import Widget, widget_serialization

from ..grading import here, homes
from ..grading.courier import Listener, News, courier
from ..grading.outbox import OutboxError
from ..grading.service import Busy, LogInFirst, Refused, Service, Unreachable
from ..graph_view.view import GraphView
from ..language import default_language, filled
from ..notebook import run_cells
from ..view import View
from .answers import CannotRead, source_of
from .source import latest, same_code

log = logging.getLogger(__name__)

BUSY = ("sending", "busy", "queued", "running")
VERDICTS = ("passed", "failed", "timeout", "error")
STATES = ("not_attempted", "kept", "away", *BUSY, *VERDICTS)
ABOUT_SECONDS = 5.0  # how long a submission waits for what is to be known about its exercise
_shown: weakref.WeakSet[Check] = weakref.WeakSet()


class Check(View, module="check.js", styles=("tensor_grid.css", "check.css")):
    """Hands the learner's code in and shows what came back.

    The code is the text between `# @exercise ID` and `# @end` in the cell that was run last with these marks.
    Everything that may take time happens in threads: the notebook stays free.
    """

    exercise = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    points = traitlets.Float(0.0).tag(sync=True)
    standing = traitlets.Dict().tag(sync=True)  # attempts, best, deadline: as the service has it
    statement = traitlets.Unicode("").tag(sync=True)  # of a prediction with numbers of the learner's own
    questions = traitlets.List(traitlets.Dict()).tag(sync=True)  # to answer in the view; else in a cell
    page = traitlets.Dict().tag(sync=True)  # where the exercise is on the site
    state = traitlets.Enum(STATES, "not_attempted").tag(sync=True)
    practice = traitlets.Bool(False).tag(sync=True)  # the result shown counts for nothing
    progress = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    hint_count = traitlets.Int(0).tag(sync=True)
    graphs = traitlets.Dict(value_trait=traitlets.Instance(Widget)).tag(sync=True, **widget_serialization)

    def __init__(self, exercise: str, *, lang: str | None = None) -> None:
        self._settled = threading.Event()  # nothing more is expected of this submission for now
        self._settled.set()
        self._source = ""
        self._attempt = 0  # counts submissions, so that late news of an earlier one are not shown
        self._practised = 0  # the last attempt that was practised with
        self._starter = ""
        self._entry = "answers"
        self._all_hints: list[str] = []
        self._found: dict[
            str, dict[str, Any]
        ] = {}  # for each check that failed on a graph: what the grader sent
        super().__init__(exercise=exercise, lang=lang)
        self.message = self._say("idle", id=exercise)
        self._about = self._background(self._learn)
        _shown.add(self)

    def submit(self, source: str | None = None) -> Check:
        """Hand the code in, in the background; returns this widget, so `check(ID).submit().wait()` works.

        Args:
            source: the code; default what the notebook's cells hold.
        """
        if not self._settled.is_set():
            return self
        if source is None:
            source = latest(run_cells(), self.exercise)
        if source is None:
            self._settle("not_attempted", self._say("no_markers", id=self.exercise))
            return self
        self._settled.clear()
        self._source = source
        self._attempt += 1
        with self.hold_sync():
            self.state, self.message, self.progress = "sending", self._say("sending"), {}
            self.result, self.practice = {}, False
        self._background(self._hand_in)
        return self

    def wait(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the result (for scripts and tests; the button needs none); returns it.

        It is empty where the submission is kept for later and there is no practice here.

        Raises:
            TimeoutError: it took longer than `timeout` seconds; it goes on.
        """
        if not self._settled.wait(timeout):
            raise TimeoutError(f"{self.exercise} is still being checked after {timeout} seconds")
        return dict(self.result)

    def hint(self) -> str:
        """The next hint for the first check that did not pass; the empty string when there are no more."""
        if len(self.hints) < len(self._all_hints):
            self.hints = self._all_hints[: len(self.hints) + 1]
            return self.hints[-1]
        return ""

    def graph(self, check: str | None = None) -> GraphView:
        """The graph of the learner's code, opened where it first differs from the solution's.

        Args:
            check: the id of a check that failed on a graph; default the first.

        Raises:
            LookupError: the last result has no such graph.
        """
        if check is None:
            check = next(iter(self._found), "")
        if check not in self._found:
            raise LookupError(
                f"there is no graph of a check {check!r}: it has not failed, or has none to show"
            )
        if check not in self.graphs:
            from glasstorch.autograd.graph import Difference, Graph

            found = self._found[check]
            differences = [
                Difference(**{**one, "index": None if one["index"] is None else tuple(one["index"])})
                for one in found["differences"]
            ]
            view = GraphView(Graph.from_dict(found["record"]), lang=self.lang, differences=differences)
            self.graphs = {**self.graphs, check: view}
        shown: GraphView = self.graphs[check]
        return shown

    def page_state(self) -> dict[str, Any]:
        """As on screen. Graphs are widgets of their own, with pages of their own; a kept page links nowhere."""
        return {**super().page_state(), "graphs": {}, "page": {}}

    def __repr__(self) -> str:
        state = "sending" if self.state in BUSY else self.state
        verdict = self._say(f"state_{state}" if state in ("kept", "away") else state)
        if self.practice:
            verdict = self._say("practice", verdict=verdict)
        lines = [f"{self._say('title', id=self.exercise)}: {verdict}"]
        if self.result:
            lines[0] += f" ({self._score()})"
        if self.message:
            lines.append(f"  {self.message}")
        marks = {"passed": "✓", "failed": "✗"}
        for test in self.result.get("tests", []):
            lines.append(f"  {marks.get(test['status'], '!')} {test['name']}")
            if test.get("output"):
                lines.append("      " + test["output"].replace("\n", "\n      "))
            graph = (test.get("detail") or {}).get("graph")
            lines += [
                f"      - {one['message']}" for one in (graph or {"differences": []})["differences"][:3]
            ]
        return "\n".join(lines)

    # ---- in the background ---

    def _background(self, work: Any) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"check {self.exercise}", daemon=True)
        thread.start()
        return thread

    def _learn(self) -> None:
        """Fetch what the service says about the exercise; without a service the button works all the same."""
        home = homes.find()
        if home is None:
            return
        try:
            about = Service(home, self.lang).exercise(self.exercise)
        except (Unreachable, LogInFirst, Busy, Refused) as error:
            log.debug("nothing known about %s: %s", self.exercise, error)
            return
        self._starter = str(about.get("starter", ""))
        self._entry = str((about.get("entry") or ["answers"])[0])
        deadline = about.get("deadline")
        with self.hold_sync():
            self.title = str(about.get("title", ""))
            self.points = float(about.get("points", 0))
            if about.get("drawn") and not self.questions:
                self.statement = str(about.get("statement", ""))
                self.questions = list(about.get("questions", []))
            self.standing = {
                "attempts": about.get("attempts"),
                "best": about.get("best"),
                **(deadline if isinstance(deadline, dict) else {}),
            }
            if not self.page:
                self._link(home)

    def _link(self, home: homes.Home, submission: str = "") -> None:
        """Where to read on: on this machine through the notebook's own server, where that is a proxy."""
        path = f"submissions/{quote(submission)}" if submission else f"exercises/{quote(self.exercise)}"
        proxied = home.is_local and find_spec("jupyter_server_proxy") is not None
        self.page = {"url": f"{home.url}/{path}", "proxied": f"grader/{path}" if proxied else ""}

    def _hand_in(self) -> None:
        try:
            self._about.join(ABOUT_SECONDS)
            if self._starter and same_code(self._source, self._starter):
                self._settle("not_attempted", self._say("unchanged"))
                return
            courier().hand_in(self.exercise, self._source, self._listener())
        except OutboxError as error:
            self._settle("error", str(error))
        except Exception as error:  # the thread's last resort: say it in the widget instead of losing it
            log.exception("handing in %s failed", self.exercise)
            self._settle("error", f"{type(error).__name__}: {error}")

    def follow(self, number: int) -> Check:
        """Show what becomes, or has become, of a submission in the outbox; for `%%submit` on unchanged code."""
        self._settled.clear()
        self._attempt += 1
        with self.hold_sync():
            self.state, self.message = "sending", self._say("fetching")
        courier().follow(number, self._listener())
        return self

    def _listener(self) -> Listener:
        attempt = self._attempt
        return lambda news: self._hear(news) if attempt == self._attempt else None

    def _hear(self, news: News) -> None:
        """What became of the submission, told by the courier."""
        if news.id:
            home = homes.find()
            if home is not None:
                self._link(home, news.id)
        if news.what in ("busy", "sent", "queued", "running"):
            self._settled.clear()
            with self.hold_sync():
                self.message = news.reason
                self.progress = {**news.progress, "place": news.place, "seconds": round(news.seconds)}
                self.state = "queued" if news.what == "sent" else news.what
        elif news.what == "kept":
            if self._practised != self._attempt:
                self._practised = self._attempt
                self._background(lambda: self._keep(news.reason))
            elif self._settled.is_set() and not self.result:
                self._settle("kept", self._say("kept", reason=news.reason))
        elif news.what == "away":
            self._settle("away", self._say("away", reason=news.reason))
        elif news.what == "refused":
            self._settle("error", self._say("refused", reason=news.reason))
        elif news.result is not None:
            self._show_result(self._told(news.id, news.result), "")
            for view in list(_shown):  # attempts and best have changed, whichever view was used
                if view.exercise == self.exercise:
                    self._background(view._learn)

    def _told(self, submission: str, result: dict[str, Any]) -> dict[str, Any]:
        """A result in this view's language; the courier fetches it in the notebook's."""
        home = homes.find()
        if self.lang == default_language() or not submission or home is None:
            return result
        try:
            return Service(home, self.lang).submission(submission).get("result") or result
        except (Unreachable, LogInFirst, Busy, Refused) as error:
            log.debug("%s is not told in %s: %s", submission, self.lang, error)
            return result

    def _keep(self, reason: str) -> None:
        """The submission waits here for the service. Meanwhile: practice, if there is a grader."""
        attempt, source = self._attempt, self._source
        try:
            result = here.practise(self.exercise, source, self.lang) if source else None
        except here.NoGraderHere as error:
            log.info("no practice: %s", error)
            result = None
        if self._settled.is_set() or attempt != self._attempt:
            return  # the service came back meanwhile, and its word counts
        if result is None:
            self._settle("kept", self._say("kept", reason=reason))
        else:
            self._show_result(result, self._say("same_local", reason=reason), practice=True)

    def _show_result(self, result: dict[str, Any], message: str, *, practice: bool = False) -> None:
        status = result.get("status", "error")
        hints = next(filter(None, map(_hints, result.get("tests", []))), [])
        result, self._found = _without_records(result)
        old = self.graphs
        with self.hold_sync():
            self.graphs = {}
            if hints != self._all_hints:
                self._all_hints, self.hints, self.hint_count = hints, [], len(hints)
            self.result, self.practice = result, practice
            words = [self._summary(result), message]
            self._settle(status if status in VERDICTS else "error", "\n".join(w for w in words if w))
        for view in old.values():
            view.close()

    def _summary(self, result: dict[str, Any]) -> str:
        """How many checks passed and where to look first, in the notebook's language; else the grader's own words."""
        tests = result.get("tests", [])
        said = str(result.get("message", ""))
        left = [test for test in tests if test.get("status") != "passed"]
        # Services say it in this language; one that is older speaks English alone.
        told = self.lang == "en" or not said.isascii()
        if told or result.get("status") not in ("passed", "failed") or not tests:
            return said
        if not left:
            advice = said.removeprefix("All checks passed.").removeprefix("The check passed.").strip()
            return f"{self._say('all_passed')} {advice}".strip()
        first = next((test for test in left if test.get("status") != "skipped"), None)
        counts = {"passed": len(tests) - len(left), "total": len(tests)}
        return self._say("some_passed", **counts, first=first.get("name", "")) if first else said

    def _settle(self, state: str, message: str) -> None:
        with self.hold_sync():
            self.message, self.progress, self.state = message, {}, state
        self._settled.set()

    def receive_check(self, message: dict[str, Any]) -> None:
        """The Check button was pressed; with answers where the view asks questions."""
        given = message.get("answers") or {}
        if not any(given.values()):
            self.submit()
            return
        try:
            source = source_of(self._entry, self.questions, given)
        except CannotRead as error:
            self._settle("not_attempted", self._say("cannot_read_answer", answer=str(error)[:80]))
            return
        self.submit(source)

    def receive_hint(self, message: dict[str, Any]) -> None:
        """The Hint button was pressed."""
        self.hint()

    def receive_graph(self, message: dict[str, Any]) -> None:
        """The graph of a check that failed is wanted."""
        self.graph(str(message["check"]))

    def _score(self) -> str:
        score, most = self.result.get("score", 0), self.result.get("max_score", 0)
        return self._say("points", score=f"{score:g}", max=f"{most:g}")

    def _say(self, key: str, **values: Any) -> str:
        return filled(self.labels[key], **values)


def _hints(test: dict[str, Any]) -> list[str]:
    """A check's hints, from a nudge to nearly the answer."""
    return list(test.get("hints") or filter(None, [test.get("hint")]))


def _without_records(result: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """A result for the browser, and the graphs in it by check: those go there only when they are opened."""
    tests, found = [], {}
    for test in result.get("tests", []):
        detail = test.get("detail")
        if detail and detail.get("graph"):
            found[test["id"]] = detail["graph"]
            test = {**test, "detail": {**detail, "graph": {"differences": detail["graph"]["differences"]}}}
        tests.append(test)
    return ({**result, "tests": tests} if "tests" in result else result), found


def exercise(exercise: str, *, lang: str | None = None) -> Check:
    """The Check button of an exercise, to end a cell with.

    Args:
        exercise: the exercise's id, such as "start.backward-formula".
        lang: "en" or "zh"; default from the environment.
    """
    return Check(exercise, lang=lang)


def check(exercise: str, source: str | None = None, *, lang: str | None = None) -> Check:
    """Hand an exercise in now: `check(ID)` in a cell, or `print(check(ID, source).wait())` in a script.

    Args:
        exercise: the exercise's id. source: the code; default what the notebook's cells hold.
    """
    return Check(exercise, lang=lang).submit(source)
