"""How the course goes, at one look."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence

from fastapi import Request
from starlette.responses import Response

from ...services.course import CourseService
from ...services.dashboard import AtRisk, CheckFigures, Dashboard, ExerciseFigures
from ...services.texts import told_of
from .. import language, plots
from ..language import gettext as _
from ..language import ngettext
from ..protection import level_in_words
from .course_common import Assistant, course_page, staff_router, titles_of
from .course_deadlines import targets

DAYS = 28
NEWEST = 8
STUMBLES = 6
AHEAD = 5  # deadlines
WORDS_FOR = 8  # people who may need a word

router = staff_router("/course")


@router.get("")
def overview(request: Request, visitor: Assistant) -> Response:
    """Figures, and where somebody should look."""
    state = request.app.state
    course: CourseService = state.course
    dashboard: Dashboard = state.dashboard
    now = time.time()
    titles = titles_of(request)
    per_day = dashboard.per_day(DAYS)
    figures = dashboard.per_exercise()
    names = {target: title for target, title, _exercise in targets(request)}
    ahead = [rule for rule in course.assignments() if rule.due_at and rule.due_at > now][:AHEAD]
    context = {
        "totals": dashboard.totals(),
        "words": level_in_words(state.pool.isolation()),
        "days": plots.columns([(language.day(day), count) for day, count in per_day]),
        "told_days": _told(per_day),
        "funnel": figures,
        "parts": passed_and_begun(figures),
        "failing": [(one, check_title(request, one)) for one in dashboard.failing_checks(limit=STUMBLES)],
        "struggling": [(one, _why(one, titles, now)) for one in dashboard.at_risk(limit=WORDS_FOR)],
        "ahead": [{"title": names.get(rule.target, rule.target), "due_at": rule.due_at} for rule in ahead],
        "newest": course.submissions(limit=NEWEST),
        "titles": titles,
        "now": now,
    }
    return course_page(request, "overview.html", context)


def _told(per_day: list[tuple[datetime.date, int]]) -> str:
    """What the chart shows, for those who do not see it."""
    busiest, most = max(per_day, key=lambda day: day[1])
    total = sum(count for _day, count in per_day)
    if not total:
        return _("Nothing was handed in during the last %(days)s days.") % {"days": len(per_day)}
    return _("%(total)s in the last %(days)s days; the most, %(most)s, on %(day)s.") % {
        "total": language.number(total),
        "days": len(per_day),
        "most": language.number(most),
        "day": language.day(busiest),
    }


def check_title(request: Request, check: CheckFigures) -> str:
    exercise = request.app.state.service.catalogue.get(check.exercise)
    return told_of(exercise, language.current()).checks.get(check.check, check.title)


def passed_and_begun(
    figures: Sequence[ExerciseFigures],
) -> Callable[[ExerciseFigures], tuple[plots.Piece, ...]]:
    """For a row, its bar; the longest is that of the exercise which most learners have begun."""
    most = max((one.learners for one in figures), default=0)
    return lambda one: plots.pieces((("passed", one.passed), ("begun", one.learners - one.passed)), most)


def _why(one: AtRisk, titles: Mapping[str, str], now: float) -> str:
    """Why somebody may need a word."""
    reasons = []
    if one.overdue:
        reasons.append(
            ngettext("%(num)s exercise overdue", "%(num)s exercises overdue", one.behind)
            % {"num": one.behind}
        )
    if one.stuck:
        named = _(", ").join(titles.get(exercise, exercise) for exercise in one.stuck[:3])
        reasons.append(_("tried often without passing: %(exercises)s") % {"exercises": named})
    if one.last_at is None:
        reasons.append(_("has handed in nothing yet"))
    else:
        reasons.append(_("handed in last %(when)s") % {"when": language.until(one.last_at - now)})
    return " · ".join(reasons)
