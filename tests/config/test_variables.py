"""Settings as people write them; no refusal shows the value."""

from collections.abc import Callable
from pathlib import Path

import certifi
import pytest

from config.variables import Variables

SECRET = "S3cretValue"
KEY = f"-----BEGIN PRIVATE KEY-----\n{SECRET}/+abc\nxyz==\n-----END PRIVATE KEY-----"


def variables(**process: str) -> Variables:
    return Variables(process, Path("/nowhere/.env"))


def refusal(env: Variables) -> str:
    with pytest.raises(SystemExit) as stopped:
        env.stop_if_broken()
    text = str(stopped.value)
    assert text.startswith("error: ")
    assert "\n" not in text
    assert SECRET not in text
    return text


def test_a_broken_file_stops_the_process(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(SECRET, encoding="utf-8")
    assert ".env, line 1: " in refusal(Variables({}, tmp_path / ".env"))


def test_an_environment_variable_takes_precedence_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB_FILE=/nowhere\nC=file", encoding="utf-8")
    env = Variables({"A": "process", "B": "process", "C": ""}, tmp_path / ".env")
    assert [env.text("A"), env.text("B"), env.text("C", "default")] == ["process", "process", "default"]
    env.stop_if_broken()


@pytest.mark.parametrize("value", ["", "  "])
def test_empty_means_default(value: str) -> None:
    names = ("T", "T_FILE", "N", "F", "H", "O", "Z", "D", "C")
    env = Variables(dict.fromkeys(names, value), Path("/nowhere/.env"))
    assert env.text("T", "default") == "default"
    assert env.number("N", 7) == 7
    assert env.flag("F", default=True)
    assert env.hosts("H", ["a.test"]) == ["a.test"]
    assert env.origins("O") == []
    assert env.time_zone("Z", "UTC") == "UTC"
    assert env.database("D", Path("/var/a b#?%.db"))["NAME"] == "/var/a b#?%.db"
    assert env.cache("C") == {}
    env.stop_if_broken()


def test_a_value_that_begins_with_a_dollar_sign_is_taken_as_it_is() -> None:
    assert variables(NAME="$HOME").text("NAME") == "$HOME"


def test_a_file_of_a_value_may_have_a_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(f"\ufeff {KEY}\r\n\r\n".replace("\n", "\r\n").encode())
    assert variables(NAME_FILE=str(tmp_path / "value"), NAME="").text("NAME") == KEY


@pytest.mark.parametrize(
    "content", [SECRET.encode("utf-16"), SECRET.encode() + b"\0", SECRET.encode() * 100_000], ids=range(3)
)
def test_a_file_without_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "value").write_bytes(content)
    env = variables(NAME_FILE=str(tmp_path / "value"))
    assert env.text("NAME") == ""
    assert refusal(env).startswith("error: NAME_FILE names a file that is ")


@pytest.mark.parametrize("path", ["/", f"/nowhere/{SECRET}", f"/nowhere/{SECRET * 100}", f"{SECRET}\0"], ids=range(4))
def test_a_path_that_names_no_file_is_refused(path: str) -> None:
    env = variables(NAME_FILE=path)
    assert env.text("NAME") == ""
    assert refusal(env).startswith("error: NAME_FILE names a file that cannot be read: ")


def test_a_value_in_two_places_is_refused() -> None:
    env = variables(NAME=SECRET, NAME_FILE=f"/nowhere/{SECRET}")
    assert env.text("NAME") == ""
    assert refusal(env) == "error: NAME is set twice, as NAME and as NAME_FILE. Remove one of them."


def test_bytes_that_are_no_text_are_refused() -> None:
    env = variables(NAME=f"{SECRET}\udcff")
    assert env.text("NAME") == ""
    assert "NAME is not UTF-8 text" in refusal(env)


@pytest.mark.parametrize(("value", "wanted"), [("True", True), ("1", True), ("off", False), ("no", False)])
def test_a_flag_may_be_written_in_several_ways(value: str, *, wanted: bool) -> None:
    assert variables(NAME=value).flag("NAME", default=not wanted) is wanted


REFUSED: dict[str, tuple[Callable[[Variables], object], tuple[str, ...]]] = {
    "a whole number from 10 to 1000, in digits only.": (
        lambda env: env.number("NAME", 30, lowest=10, highest=1000) == 30,
        (SECRET, "-1", "1.5", "1_0", "9", "1001", "1" * 5000, "٤٠", '"10"'),
    ),
    "true or false.": (lambda env: env.flag("NAME", default=True) is True, ("ture", "2", '"true"', SECRET)),
    "host names": (
        lambda env: env.hosts("NAME", ["default"]),
        ("https://a.test", '"a.test"', "a.test/x", f"a.test {SECRET}"),
    ),
    "origins": (lambda env: env.origins("NAME"), ("a.test", "https://a.test/", '"https://a.test"', SECRET)),
    "the name of a time zone": (lambda env: env.time_zone("NAME", "UTC"), (f"Europe/{SECRET}",)),
}


@pytest.mark.parametrize("wanted", REFUSED)
def test_anything_else_is_refused(wanted: str) -> None:
    read, values = REFUSED[wanted]
    for value in values:
        env = variables(NAME=value)
        assert read(env), value
        assert refusal(env).startswith(f"error: NAME must be {wanted}"), value


def test_a_time_zone_is_read() -> None:
    assert variables(NAME="Europe/Paris").time_zone("NAME", "UTC") == "Europe/Paris"


def test_blanks_around_commas_do_not_count() -> None:
    assert variables(NAME="a.test, b.test ,").hosts("NAME", []) == ["a.test", "b.test"]
    assert variables(NAME="*.a.test,[::1],::1,*").hosts("NAME", []) == ["*.a.test", "[::1]", "::1", "*"]
    assert variables(NAME="https://a.test, http://*.b.test:8000").origins("NAME")[1] == "http://*.b.test:8000"


@pytest.mark.parametrize(
    ("url", "name", "host", "password"),
    [
        ("sqlite:////srv/a%20b#c.db", "/srv/a b#c.db", "", ""),
        ("sqlite://:memory:", ":memory:", "", ""),
        ("postgres://u:p%2F%40%25@h:5432/n", "n", "h", "p/@%"),
        ("postgresql://u:p@ss#$x@[::1]/n?sslmode=require", "n", "::1", "p@ss#$x"),
        ("postgres:////run/postgresql/n", "n", "/run/postgresql", ""),
    ],
    ids=range(5),
)
def test_an_address_of_a_database_is_read(url: str, name: str, host: str, password: str) -> None:
    env = variables(NAME=url)
    found = env.database("NAME", Path("/default"))
    env.stop_if_broken()
    assert (found["NAME"], found.get("HOST", ""), found.get("PASSWORD", "")) == (name, host, password)


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f'"postgres://u:{SECRET}@h:5432/n"',
        f"postgres://u:{SECRET}/x@h:5432/n",
        f"postgres://u:12/{SECRET}@h:5432/n",
        f"postgres://u:12?{SECRET}@h:5432/n",
        f"postgres://u:12#{SECRET}/@h:5432/n",
        f"postgres://u:{SECRET}@h:port/n",
        f"postgres://u:{SECRET}@h:70000/n",
        f"postgres://u:{SECRET}@h",
        f"postgres://h/n?isolation_level={SECRET}",
        "postgres://h/n?pool=true",
        f"postgres://h/n?sslmod={SECRET}",
        f"mysql://u:{SECRET}@h/n",
        f"sqlite:////srv/db.sqlite3?{SECRET}=1",
        f"sqlite://{SECRET}/db.sqlite3",
        "sqlite:///",
        "sqlite://",
    ],
    ids=range(17),
)
def test_an_address_of_no_database_is_refused(url: str) -> None:
    env = variables(NAME=url)
    assert env.database("NAME", Path("/default")) == {}
    text = refusal(env)
    assert text.startswith("error: NAME must be an address like sqlite:////")
    assert "/ as %2F" in text


@pytest.mark.parametrize("url", ["redis://:p%2Fx@h:6379/0", "rediss://u:p@h", "redis:///run/redis.sock"], ids=range(3))
def test_an_address_of_a_cache_is_read(url: str) -> None:
    env = variables(NAME=url)
    assert env.cache("NAME")["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    env.stop_if_broken()


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"redis://:{SECRET}/x@h/0",
        f"redis://:{SECRET}@h:x/0",
        f"redis://:{SECRET},x@h/0",
        f"redis://:{SECRET};x@h/0",
        f"rediss://:{SECRET}@h/0?ssl_cert_reqs=none",
        "memcache://h",
        f"redis:x//:{SECRET}@h/0",
        "redis://",
    ],
    ids=range(9),
)
def test_an_address_of_no_cache_is_refused(url: str) -> None:
    env = variables(NAME=url)
    assert env.cache("NAME") == {}
    assert refusal(env).startswith("error: NAME must be an address like redis://")


def test_a_file_of_certificates_is_named_by_its_path() -> None:
    env = variables(NAME=certifi.where())
    assert env.certificates("NAME") == certifi.where()
    assert variables().certificates("NAME") == ""
    env.stop_if_broken()


@pytest.mark.parametrize("path", ["/nowhere", "/", __file__])
def test_a_file_without_certificates_is_refused(path: str) -> None:
    env = variables(NAME=path)
    assert env.certificates("NAME") == ""
    assert refusal(env).startswith("error: NAME must name a file of certificates")


HASH = "0123456789ABCDEF0123456789ABCDEF01234567"


def test_a_list_of_breached_passwords_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text("".join(f"{number:X}{HASH[1:]}:{number}\r\n" for number in range(16)), encoding="ascii")
    env = variables(NAME=str(path))
    assert env.breached_passwords("NAME") == path
    assert variables().breached_passwords("NAME") is None
    env.stop_if_broken()


@pytest.mark.parametrize(
    "content",
    ["", "password\nletmein\n" * 5, f"F{HASH[1:]}:1\n0{HASH[1:]}:9\n" * 5],
    ids=["empty", "words", "by count"],
)
def test_a_list_that_is_not_ordered_by_hash_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.txt").write_text(content, encoding="ascii")
    for path in (tmp_path / "list.txt", tmp_path / "missing.txt"):
        env = variables(NAME=str(path))
        assert env.breached_passwords("NAME") is None
        assert refusal(env).startswith("error: NAME must name a file of Pwned Passwords, ordered by hash")


@pytest.mark.parametrize(
    ("url", "host", "port", "secured"),
    [
        ("smtp+tls://u:p%40ss@mail.test", "mail.test", 587, "EMAIL_USE_TLS"),
        ("smtp+ssl://u:p%40ss@mail.test:1465", "mail.test", 1465, "EMAIL_USE_SSL"),
        ("smtp://u:p%40ss@127.0.0.1", "127.0.0.1", 25, ""),
    ],
)
def test_a_mail_server_is_an_address(url: str, host: str, port: int, secured: str) -> None:
    env = variables(NAME=url)
    found = env.mail("NAME", "")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == (host, port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u", "p@ss")
    assert {name for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL") if found.get(name)} == ({secured} if secured else set())
    env.stop_if_broken()


def test_mail_goes_nowhere_or_to_the_terminal() -> None:
    assert variables().mail("NAME", "") == {}
    assert variables().mail("NAME", "consolemail://")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    "url",
    [
        "mail.test",
        "http://mail.test",
        "smtp://",
        "smtp://u:S3c/ret@mail.test",
        "smtp://mail.test?x=1",
        "smtp://h:99999",
    ],
)
def test_a_mail_server_that_cannot_be_used_is_refused_without_showing_it(url: str) -> None:
    env = variables(NAME=url)
    assert env.mail("NAME", "") == {}
    said = refusal(env)
    assert said.startswith("error: NAME must be an address like smtp+tls://")
    assert "S3c" not in said


@pytest.mark.parametrize(
    ("text", "is_sound"),
    [
        ("admin@example.com", True),
        ("Commerce Admin <admin@example.com>", True),
        ("admin", False),
        ("a@b.example\r\nBcc: c@d.example", False),
        ("a@@b", False),
    ],
)
def test_a_sender_is_an_email_address(text: str, *, is_sound: bool) -> None:
    env = variables(NAME=text)
    assert env.address("NAME", "") == (text if is_sound else "")
    if not is_sound:
        assert refusal(env).startswith("error: NAME must be an address like admin@example.com")


def test_every_broken_setting_gets_a_line() -> None:
    env = variables(A="x", B="x")
    env.number("A", 1)
    env.number("A", 1)
    env.flag("B", default=True)
    with pytest.raises(SystemExit) as stopped:
        env.stop_if_broken()
    assert [line.split()[1] for line in str(stopped.value).splitlines()] == ["A", "B"]
