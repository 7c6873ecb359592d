"""The API's documentation and the pages about problems, in a real browser: looks, keyboard, accessibility."""

from __future__ import annotations

import pytest
from support.axe import violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(page, running_service, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/api/v1/docs", "/problems", "/problems/queue-full"):
        page.goto(f"{running_service.url}{path}")
        assert violations(page, "html") == []
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) == 0, f"{path} scrolls sideways"


def test_from_a_route_to_its_schema_and_its_problems(page, running_service):
    page.goto(f"{running_service.url}/api/v1/docs")
    page.get_by_role("navigation", name="Routes").get_by_role("link", name="POST /submissions").click()
    route = page.locator("article:target")
    assert "After the answer 202 the submission is on disk" in route.inner_text()
    route.locator("summary").filter(has_text="429").click()
    assert route.get_by_text('"/problems/queue-full"').is_visible()
    route.get_by_role("link", name="SubmissionIn").click()
    assert "idempotency_key" in page.locator("article:target").inner_text()
    page.go_back()
    page.locator("article:target").get_by_role("link", name="queue-full").click()
    assert page.get_by_role("heading", level=1).inner_text() == "The queue is full"
