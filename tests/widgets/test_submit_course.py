"""A notebook with a token and a real course: handed in as that person, with their standing, and no one else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from glasstorch_widgets.grading import homes
from glasstorch_widgets.grading.courier import courier
from glasstorch_widgets.grading.service import LogInFirst, Refused, Service

pytest.importorskip("fastapi")
from support.api import EXERCISE, GOOD, grade, make_app, serving

pytestmark = pytest.mark.usefixtures("own_state")


def test_a_token_hands_in_as_its_owner(tmp_path: Path) -> None:
    app = make_app(tmp_path / "service", multi_user=True)
    with serving(app) as url:
        people = app.state.people
        ann, ben = (people.add(name, "learner") for name in ("Ann", "Ben"))
        with pytest.raises(LogInFirst):
            Service(homes.Home(url)).me()
        with pytest.raises(LogInFirst):
            Service(homes.Home(url, "gt-made-up")).me()
        homes.log_in(url, people.issue_token(ann.id, "notebook"))
        service = Service(homes.find())
        assert service.me()["name"] == "Ann"

        post = courier()
        post.write_down(EXERCISE, GOOD)
        assert post.round() is not None
        (entry,) = post.outbox.entries()
        assert entry.state == "sent"
        assert service.submission(entry.id)["user"] == ann.id
        again = service.submit(EXERCISE, GOOD, entry.key)
        assert again["id"] == entry.id, "a repeat after a lost answer is the same submission"
        grade(app)
        while post.round() is not None:
            pass
        (entry,) = post.outbox.entries()
        assert (entry.state, entry.outcome, entry.score) == ("done", "failed", 2)
        about = service.exercise(EXERCISE)
        assert about["best"] == 2
        assert {"attempts", "deadline"} <= about.keys()

        bens = Service(homes.Home(url, people.issue_token(ben.id, "notebook")))
        with pytest.raises(Refused, match="not yours"):
            bens.submission(entry.id)
        assert bens.exercise(EXERCISE)["best"] is None
