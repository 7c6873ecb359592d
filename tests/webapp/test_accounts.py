"""Accounts: passwords that are taken, rosters that come in, what a course must have to be served, the command."""

from __future__ import annotations

import argparse
import re

import pytest
from glasstorch_web import account_command, course_safety, serve
from glasstorch_web.services.accounts import Accounts
from glasstorch_web.services.passwords import PasswordRefused, require_good
from glasstorch_web.services.roster import Roster, RosterRefused, links_csv
from glasstorch_web.settings import Settings
from glasstorch_web.store import Audit, Database
from glasstorch_web.supervise import CannotStart
from support.accounts import PASSWORD, CountingKeeper, Course
from support.api import EXERCISES


@pytest.fixture
def accounts(store_place):
    database = Database(store_place)
    yield Accounts(database, CountingKeeper())
    database.close()


@pytest.mark.parametrize(
    "password",
    [
        "",
        "ninechars",
        "x" * 257,
        "password123",
        "Passwort2026!",
        "1234567890",
        "0123456789",
        "abcdefghij",
        "aaaaaaaaaaaa",
        "qwertyuiop",
        "iloveyou1234",
        "correct horse battery staple",
        "Ann.Lee@example.org",
        "ann.lee12345",
        "glasstorch2026",
    ],
)
def test_what_everybody_tries_first_is_no_password(password):
    with pytest.raises(PasswordRefused):
        require_good(password, ("Ann Lee", "ann.lee@example.org"))


@pytest.mark.parametrize(
    "password", ["ten chars!", "purple monkey dishwasher", "漢字漢語詞典密碼安全好", "x7$kQ9!mZp"]
)
def test_length_counts_and_nothing_else(accounts, password):
    require_good(password, ("Ann Lee", "ann.lee@example.org"))
    user = accounts.people.add("Ann Lee", "learner", "ann.lee@example.org")
    accounts.set_password("test", user, password)
    assert accounts.log_in(" ANN.Lee@Example.ORG ", password, "192.0.2.1")


def test_hashes_are_argon2id_and_made_anew_when_they_should_cost_more(store_place):
    database = Database(store_place)
    cheap = Accounts(database, CountingKeeper())
    user = cheap.people.add("Ann", "learner", "ann@example.org")
    cheap.set_password("test", user, PASSWORD)
    first = cheap._passwords.get(user.id)
    dear = Accounts(database)
    dear.log_in("ann@example.org", PASSWORD, "")
    second = dear._passwords.get(user.id)
    assert re.match(r"\$argon2id\$v=19\$m=8,t=1,p=1\$", first)
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", second)
    database.close()


ROSTER = "name,email,role,section\nAnn Lee,Ann@Example.org,,A\n\n王小明,ming@example.org,助教,\n"


@pytest.mark.parametrize(
    "file",
    [
        ROSTER.encode(),
        ROSTER.encode("utf-8-sig"),
        ROSTER.encode("utf-16"),
        ROSTER.replace(",", ";").encode("utf-8-sig"),
        ("sep=;\r\n" + ROSTER.replace(",", ";").replace("\n", "\r\n")).encode(),
        ROSTER.replace(",", "\t").encode(),
        ROSTER.replace("name,email,role,section", '"姓名", E-Mail ,角色,"班组"').encode(),
    ],
)
def test_a_roster_is_understood_however_a_spreadsheet_wrote_it(accounts, file):
    admin = accounts.people.add("Root", "admin", "root@example.org")
    roster = Roster(accounts)
    preview = roster.preview(admin, file)
    assert not preview.faults
    assert [(one.name, one.email, one.role, one.section) for one in preview.new] == [
        ("Ann Lee", "ann@example.org", "learner", "A"),
        ("王小明", "ming@example.org", "assistant", ""),
    ]
    assert accounts.people.by_email("ann@example.org") is None, "a look changes nothing"
    new = roster.apply(admin, file)
    assert [user.name for user in new] == ["Ann Lee", "王小明"]
    assert {one.kind for one in roster.preview(admin, file).changes} == {"same"}
    sent = links_csv(roster.links(admin, new), "https://course.example.org")
    secret = re.search(r"ann@example.org,https://course.example.org/password/(\S+)", sent)[1]
    assert accounts.set_password_by_link(secret, PASSWORD).email == "ann@example.org"
    assert accounts.log_in("ann@example.org", PASSWORD, "")


def test_a_roster_says_line_by_line_what_it_would_change_and_what_is_wrong(accounts):
    admin = accounts.people.add("Root", "admin", "root@example.org")
    ann = accounts.people.add("Ann", "learner", "ann@example.org", section="A")
    file = (
        b"""email,name,role,section
ann@example.org,Ann Lee,,B
nobody,No Email,,
ann@example.org,Ann again,,
ben@example.org,,,
cyd@example.org,Cyd,king,
root@example.org,Root,learner,
dan@example.org,"Dan\x07",,
eve@example.org,Eve,,"""
        + b"x" * 201
    )
    roster = Roster(accounts)
    preview = roster.preview(admin, file)
    (change,) = preview.changes
    assert (change.kind, change.before) == ("changed", {"name": "Ann", "section": "A"})
    told = [(fault.line, str(fault.problem)) for fault in preview.faults]
    assert [line for line, _ in told] == [3, 4, 5, 6, 7, 8, 9]
    for (_, words), part in zip(
        told, ("no email", "line 2", "name", "king", "own role", "printable", "200"), strict=True
    ):
        assert part in words
    with pytest.raises(RosterRefused, match="line 3"):
        roster.apply(admin, file)
    assert accounts.people.get(ann.id) == ann
    for bad in (
        b"",
        b"a,b\n1,2\n",
        b'name,email\n"open',
        b"\x89PNG\r\n\x1a\n\0\0",
        "name,email\né".encode("latin-1"),
    ):
        with pytest.raises(RosterRefused):
            roster.preview(admin, bad)


# What a course must have


def settings(tmp_path, **more):
    values = {"multi_user": True, "public_url": "https://course.example.org", **more}
    return Settings(state=tmp_path, lessons=EXERCISES, **values)


@pytest.mark.parametrize(
    ("more", "host", "words"),
    [
        ({}, "0.0.0.0", None),
        ({"public_url": ""}, "127.0.0.1", "--public-url"),
        ({"public_url": "http://course.example.org"}, "127.0.0.1", "--public-url"),
        ({"public_url": "", "insecure_http": True}, "10.0.0.5", None),
        ({"public_url": "", "insecure_http": True}, "127.0.0.1", None),
        ({"public_url": "", "insecure_http": True}, "0.0.0.0", "private"),
        ({"public_url": "", "insecure_http": True}, "8.8.8.8", "private"),
        ({"public_url": "https://example.org/torch"}, "127.0.0.1", "root_path"),
        ({"public_url": "https://example.org/torch", "root_path": "/torch"}, "127.0.0.1", None),
        ({"allowed_hosts": "*"}, "127.0.0.1", "Name the hosts"),
        ({"trusted_proxies": "*"}, "127.0.0.1", "trusts everybody"),
        ({"metrics_token": "aaaaaaaaaaaaaaaaaaaa"}, "127.0.0.1", "metrics_token is easily guessed"),
        ({"database_url": "postgresql://glasstorch@db.example.org/glasstorch"}, "127.0.0.1", "no password"),
        ({"database_url": "postgresql://u:password@db/glasstorch"}, "127.0.0.1", "Choose another"),
        ({"database_url": "postgresql://torch:torch@db/glasstorch"}, "127.0.0.1", "Choose another"),
        ({"database_url": "postgresql://u:Zr8kq2LmVw@db/glasstorch"}, "127.0.0.1", None),
        ({"database_url": "postgresql://u@/glasstorch?host=/run/postgresql"}, "127.0.0.1", None),
        ({"hub_url": "https://hub.example.org/hub"}, "127.0.0.1", "hub_client_id, hub_client_secret"),
        ({"lti_issuer": "https://moodle.example.org"}, "127.0.0.1", "lti_client_id, lti_deployments"),
    ],
)
def test_a_course_is_not_served_where_secrets_would_lie_open(tmp_path, monkeypatch, more, host, words):
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o700)
    found = settings(tmp_path, **more)
    if words is None:
        serve.require_safety(found, host)
    else:
        with pytest.raises(CannotStart, match=words):
            serve.require_safety(found, host)
        serve.require_safety(found.model_copy(update={"multi_user": False}), "127.0.0.1")


def test_nobody_else_on_the_machine_can_read_the_state_folder(tmp_path):
    for mode, open_to_others in ((0o700, False), (0o750, True), (0o701, True), (0o755, True)):
        tmp_path.chmod(mode)
        found = course_safety.faults(settings(tmp_path), "127.0.0.1")
        assert bool(found) == open_to_others, oct(mode)
        assert all("chmod 700" in one for one in found)
    tmp_path.chmod(0o700)


def test_a_course_without_https_says_so_loudly(tmp_path, caplog):
    tmp_path.chmod(0o700)
    serve.require_safety(settings(tmp_path, public_url="", insecure_http=True), "127.0.0.1")
    assert "WITHOUT HTTPS" in caplog.text


# The command


@pytest.fixture
def command(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GLASSTORCH_STATE", str(tmp_path))
    monkeypatch.setenv("GLASSTORCH_LESSONS", str(EXERCISES))
    monkeypatch.setenv("GLASSTORCH_PUBLIC_URL", "https://course.example.org")

    def run(*arguments: str) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        account_command.register(parser)
        status = account_command.run(parser.parse_args(arguments))
        output = capsys.readouterr()
        return status, output.out.strip(), output.err

    return run


def test_a_link_leads_to_the_service_that_runs(running_service, command, monkeypatch):
    """Whichever port it took, as long as no public address is set."""
    monkeypatch.setenv("GLASSTORCH_STATE", str(running_service.state))
    monkeypatch.delenv("GLASSTORCH_PUBLIC_URL")
    assert command("new")[1].startswith(f"{running_service.url}/join/")


def test_the_first_admin_joins_by_a_link_from_the_command_line(tmp_path, command, monkeypatch):
    status, address, said = command("new", "--role", "admin")
    assert status == 0
    assert "shown only now" in said
    assert address.startswith("https://course.example.org/join/")
    with Course(tmp_path, public_url="") as course:
        path = address.removeprefix("https://course.example.org")
        form = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
        assert course.guest_form(path, form).status_code == 303
        ada = course.accounts.people.by_email("ada@example.org")
        assert ada.role == "admin"
        assert command("disable", "ada@example.org")[0] == 0
        assert command("enable", ada.id)[0] == 0
        assert command("role", "ada@example.org", "instructor")[0] == 0
        assert "Ada  ada@example.org  instructor" in command("list")[1]
        assert "/password/" in command("link", ada.id)[1]
        status, _, said = command("role", "nobody%s", "admin")
        assert (status, "account list" in said) == (1, True)
        assert command("new-key")[0] == 2
        answers = iter(["short", PASSWORD, "another", PASSWORD, PASSWORD])
        monkeypatch.setattr(account_command.getpass, "getpass", lambda prompt: next(answers))
        grace = ("new", "--name", "Grace", "--email", "grace@example.org", "--role", "admin")
        assert [command(*grace)[0] for _ in range(3)] == [1, 1, 0], "too short, two different ones, taken"
        assert command("new", "--name", "Nobody")[0] == 1
        assert course.log_in("grace").status_code == 303
        deeds = {entry.what for entry in Audit(course.app.state.database).entries(100)}
    assert {"invited", "joined", "account disabled", "account enabled", "role changed"} <= deeds
    assert {"password link made", "person added", "password changed"} <= deeds
