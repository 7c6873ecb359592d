"""No page and no API route reads a whole table of what grows with every submission: asked of both databases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, event, text
from support.busy_site import BusySite

# Nobody's result has a graph here, and no worker runs.
STATUS = {
    "/submissions/{submission_id}/graphs/{check_id}": 404,
    "/api/v1/isolation": 503,
    "/readyz": 503,
}
GROWING = "submissions|jobs|results|former_results|audit|annotations|notes"
# The indexes on open jobs alone are as short as the line is.
SHORT = "USING (COVERING )?INDEX jobs_(line|leases|learner)"
WHOLE = re.compile(rf"Seq Scan on ({GROWING})\b|\bSCAN ({GROWING})\b(?! {SHORT})")


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path):
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
    with BusySite(tmp_path, url, learners=60, submissions=3000, each=1) as made:
        yield made


def test_no_page_reads_all_submissions(site):
    asked: dict[str, tuple[object, set[str]]] = {}
    route = ""

    def listen(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not executemany:
            asked.setdefault(statement, (parameters, set()))[1].add(route)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        for route in site.routes():
            answer = site.ask(*site.address(route))
            assert answer.status_code == STATUS.get(route, 200), f"{route}: {answer.text[:500]}"
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len(asked) > 40
    database = site.course.app.state.database
    found = []
    with database.read() as db:
        explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
        if database.dialect == "postgresql":  # so few rows it would rather read all, if it may
            for way in ("seqscan", "hashjoin", "mergejoin"):
                db.execute(text(f"SET enable_{way} = off"))
        for statement, (parameters, routes) in asked.items():
            plan = "\n".join(str(row[-1]) for row in db.exec_driver_sql(explain + statement, parameters))
            if (bad := WHOLE.search(plan)) and not in_order(statement, bad[0], plan):
                found.append(f"{sorted(routes)}\n{statement}\n{plan}\n")
    assert not found, "\n".join(found)


def in_order(statement: str, step: str, plan: str) -> bool:
    """Whether a table is read from one end along its key until there is enough."""
    return "LIMIT" in statement and "ORDER BY" in statement and "TEMP B-TREE FOR ORDER BY" not in plan
