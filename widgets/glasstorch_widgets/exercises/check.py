"""`check("ID")`: the Check button of an exercise, and the same from Python."""

from __future__ import annotations

import logging
import threading
from typing import Any

import traitlets
from ipywidgets import Widget, widget_serialization

from ..graph_view.view import GraphView
from ..notebook import run_cells
from ..view import View
from . import grader
from .source import latest, same_code

log = logging.getLogger(__name__)

STATES = ("not_attempted", "sending", "queued", "running", "passed", "failed", "timeout", "error")
_FINAL = ("not_attempted", "passed", "failed", "timeout", "error")


class Check(View, module="check.js", styles=("tensor_grid.css", "check.css")):
    """Sends the learner's code to the grader and shows what came back.

    The code is the text between `# @exercise ID` and `# @end` in the cell that was run last with these marks.
    Everything that may take time happens in a thread of its own: the notebook stays free.
    """

    exercise = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    points = traitlets.Float(0.0).tag(sync=True)
    state = traitlets.Enum(STATES, "not_attempted").tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    hint_count = traitlets.Int(0).tag(sync=True)
    graphs = traitlets.Dict(value_trait=traitlets.Instance(Widget)).tag(sync=True, **widget_serialization)

    def __init__(self, exercise: str, *, lang: str | None = None) -> None:
        self._work: threading.Thread | None = None
        self._starter = ""
        self._all_hints: list[str] = []
        self._found: dict[
            str, dict[str, Any]
        ] = {}  # for each check that failed on a graph: what the grader sent
        super().__init__(exercise=exercise, lang=lang)
        self.message = self._say("idle", id=exercise)
        self._about = threading.Thread(target=self._learn, name=f"about {exercise}", daemon=True)
        self._about.start()

    def submit(self, source: str | None = None) -> Check:
        """Check the code now, in the background; returns this widget, so `check(ID).submit().wait()` works.

        Args:
            source: the code; default what the notebook's cells hold.
        """
        if self._work is not None and self._work.is_alive():
            return self
        if source is None:
            source = latest(run_cells(), self.exercise)
        if source is None:
            self._finish("not_attempted", self._say("no_markers", id=self.exercise))
            return self
        with self.hold_sync():
            self.state, self.message, self.result, self.progress = "sending", self._say("sending"), {}, {}
        self._work = threading.Thread(
            target=self._grade, args=(source,), name=f"check {self.exercise}", daemon=True
        )
        self._work.start()
        return self

    def wait(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the running check (for scripts and tests; the button needs none); returns the result.

        Raises:
            TimeoutError: it took longer than `timeout` seconds; it goes on.
        """
        if self._work is not None:
            self._work.join(timeout)
            if self._work.is_alive():
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
        """As on screen. Graphs are widgets of their own, with pages of their own."""
        return {**super().page_state(), "graphs": {}}

    def __repr__(self) -> str:
        lines = [f"{self._say('title', id=self.exercise)}: {self._say(self._verdict())}"]
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

    def _learn(self) -> None:
        """Fetch title, points and starter; without a service the button works all the same."""
        address = grader.service_address()
        if address is None:
            return
        try:
            about = grader.Service(address).exercise(self.exercise)
        except (grader.Unreachable, grader.Refused) as error:
            log.debug("nothing known about %s: %s", self.exercise, error)
            return
        self._starter = str(about.get("starter", ""))
        with self.hold_sync():
            self.title = str(about.get("title", ""))
            self.points = float(about.get("points", 0))

    def _grade(self, source: str) -> None:
        try:
            self._grade_somewhere(source)
        except Exception as error:  # the thread's last resort: say it in the widget instead of losing it
            log.exception("checking %s failed", self.exercise)
            self._finish("error", f"{type(error).__name__}: {error}")

    def _grade_somewhere(self, source: str) -> None:
        self._about.join(grader.PATIENCE)
        if self._starter and same_code(source, self._starter):
            self._finish("not_attempted", self._say("unchanged"))
            return
        address = grader.service_address()
        accepted = None
        try:
            if address is not None:
                service = grader.Service(address)
                accepted = service.submit(self.exercise, source)
                self._show_result(service.follow(accepted["id"], self._progressed), "")
                return
        except grader.Refused as error:
            self._finish("error", self._say("refused", reason=error))
            return
        except grader.Unreachable as error:
            if accepted is not None:
                self._finish("error", self._say("lost", reason=error))
                return
        path = grader.keep(self.exercise, source)
        try:
            result = grader.grade_here(self.exercise, path)
        except grader.LocalGraderMissing as error:
            log.info("no local grader: %s", error)
            self._finish("error", self._say("kept", path=path, id=self.exercise, reason=error))
            return
        self._show_result(result, self._say("same_local"))

    def _progressed(self, state: dict[str, Any]) -> None:
        with self.hold_sync():
            self.progress = {**state.get("progress", {}), "place": state.get("place", 0)}
            self.state = "running" if state["status"] == "running" else "queued"

    def _show_result(self, result: dict[str, Any], message: str) -> None:
        status = result.get("status", "error")
        hints = next(filter(None, map(_hints, result.get("tests", []))), [])
        result, self._found = _without_records(result)
        old = self.graphs
        with self.hold_sync():
            self.graphs = {}
            if hints != self._all_hints:
                self._all_hints, self.hints, self.hint_count = hints, [], len(hints)
            self.result = result
            words = [result.get("message", ""), message]
            self._finish(status if status in _FINAL else "error", "\n".join(w for w in words if w))
        for view in old.values():
            view.close()

    def _finish(self, state: str, message: str) -> None:
        with self.hold_sync():
            self.message, self.progress, self.state = message, {}, state

    def receive_check(self, message: dict[str, Any]) -> None:
        """The Check button was pressed."""
        self.submit()

    def receive_hint(self, message: dict[str, Any]) -> None:
        """The Hint button was pressed."""
        self.hint()

    def receive_graph(self, message: dict[str, Any]) -> None:
        """The graph of a check that failed is wanted."""
        self.graph(str(message["check"]))

    def _verdict(self) -> str:
        return self.state if self.state in _FINAL else "sending"

    def _score(self) -> str:
        score, most = self.result.get("score", 0), self.result.get("max_score", 0)
        return self._say("points", score=f"{score:g}", max=f"{most:g}")

    def _say(self, key: str, **values: Any) -> str:
        text: str = self.labels[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text


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
    """Check an exercise now: `check(ID)` in a cell, or `print(check(ID, source).wait())` in a script.

    Args:
        exercise: the exercise's id. source: the code; default what the notebook's cells hold.
    """
    return Check(exercise, lang=lang).submit(source)
