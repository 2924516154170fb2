"""Each variable is checked; what is wrong is told once, all together, without its value."""

from typing import Any

import pytest

from common.environment import (
    Environment,
    WrongSettings,
    is_api,
    is_bind,
    is_country,
    is_database,
    is_host,
    is_host_pattern,
    is_mail_server,
    is_network,
    is_property_id,
    is_redis,
    is_site,
    is_time_zone,
    told_plainly,
)

ID = "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11"


@pytest.mark.parametrize(
    ("fits", "good", "bad"),
    [
        (is_host, "wifi.example.org 127.0.0.1 [::1] a", "https://a a:80 a/b -a a_b .a * a@b"),
        (is_host_pattern, "* .example.org a.b", "*.example.org https://a ."),
        (is_bind, "0.0.0.0 [::] unix:/run/portal.sock unix:portal", "0.0.0.0:80 :: /run/x"),
        (is_network, "10.0.0.0/8 ::1 10.1.2.3", "10.0.0.1/8 proxy 10.0.0.0/33"),
        (
            is_api,
            "https://api.eu.ruckus.cloud http://127.0.0.1:9 http://h:80/base/ https://[::1]:80",
            "api.eu.ruckus.cloud ftp://a https:// https://u:p@a https://a?b https://a#b "
            "https://a:b https://a:99999 https://[::1",
        ),
        (is_site, "https://wifi.example.org https://a/ http://a:8000", "https://a/b a"),
        (is_time_zone, "UTC Europe/Berlin America/Chicago", "Europe Mars/Base /etc/passwd ../x"),
        (is_country, "US DE GB", "us UK1 Germany"),
        (
            is_redis,
            "redis://h redis://:p@h:6379/1 rediss://h unix:///run/redis.sock",
            "localhost:6379 http://h redis://h:port h",
        ),
        (
            is_database,
            "postgres://u:p@h/n postgresql://u:p@h:5432/n sqlite:////a/b sqlite://:memory:",
            "mysql://u:p@h/n postgres://h postgres://u:p@h:port/n sqlite://a/b /a/b h",
        ),
        (is_mail_server, "smtp+tls://u:p@h:587 smtp://h", "mail://h h smtp://h:port"),
        (is_property_id, f"{ID} {ID.upper()} {ID.replace('-', '')}", f"{ID}0 venue 1"),
    ],
)
def test_what_is_taken_and_what_is_not(fits: Any, good: str, bad: str) -> None:
    assert [value for value in good.split() if not fits(value)] == []
    assert [value for value in bad.split() if fits(value)] == []


def test_what_is_set_is_read_and_what_is_empty_counts_as_unset() -> None:
    env = Environment(
        {
            "ON": "Yes",
            "OFF": "off",
            "EMPTY": " ",
            "NUMBER": " 2.5",
            "WHOLE": "007",
            "WORDS": " a, ,b ",
            "KEY": " spaces belong to a key of 32 and more ",
            "KEYS": "one, two,",
            "COLOUR": "red",
            "MAIL": "smtp+tls://u:p@mail.example:587",
        }
    )
    assert (env.flag("ON"), env.flag("OFF", default=True)) == (True, False)
    assert (env.flag("EMPTY", default=True), env.flag("UNSET")) == (True, False)
    assert env.number("NUMBER", 1, least=0, most=3) == 2.5
    assert env.number("EMPTY", 1, least=0, most=3) == 1
    assert (env.whole("WHOLE", 1, 0, 9), env.whole("UNSET", 1, 0, 9)) == (7, 1)
    assert env.words("WORDS", fits=str.isalpha, what="letters") == ["a", "b"]
    assert env.key("KEY").endswith("more ")
    assert (env.key("UNSET"), env.keys("KEYS", least=3)) == ("", ["one", "two"])
    assert env.choice("COLOUR", ("red", "green")) == "red"
    assert env.choice("UNSET", ("red", "green"), "green") == "green"
    assert env.email("MAIL")["EMAIL_HOST"] == "mail.example"
    assert env.email("UNSET") == {}
    assert env.database("UNSET", "sqlite:////a/b")["NAME"] == "/a/b"
    env.finish()


def test_what_is_wrong_is_told_together_and_counts_as_unset() -> None:
    env = Environment(
        {
            "FLAG": "hush",
            "NUMBER": "nan",
            "HIGH": "1e9",
            "SOON": "soon",
            "WHOLE": "٣",
            "WORDS": "a,2,b",
            "KEY": "hush",
            "KEYS": "hush",
            "COLOUR": "hush",
            "DATABASE": "mysql://u:hush@h/n",
            "MAIL": "hush://u:hush@h",
        }
    )
    assert env.flag("FLAG", default=True)
    assert env.number("NUMBER", 1, least=0, most=3) == 1
    assert env.number("HIGH", 1, least=0, most=3) == 1
    assert env.number("SOON", 1, least=0, most=3) == 1
    assert env.whole("WHOLE", 1, 0, 9) == 1
    assert env.words("WORDS", fits=str.isalpha, what="letters") == ["a", "b"]
    env.key("KEY")
    env.keys("KEYS")
    env.choice("COLOUR", ("red", "green", "blue"))
    env.database("DATABASE", "sqlite:////a/b")
    env.email("MAIL")
    env.wrong("Something else is wrong.")
    with pytest.raises(WrongSettings) as caught:
        env.finish()
    assert caught.value.problems == [
        "FLAG must be on or off.",
        "NUMBER must be a number from 0 to 3.",
        "HIGH must be a number from 0 to 3.",
        "SOON must be a number from 0 to 3.",
        "WHOLE must be a whole number from 0 to 9.",
        "WORDS must be letters, with commas between.",
        "KEY: a key must have 32 characters or more.",
        "KEYS: a key must have 32 characters or more.",
        "COLOUR must be red, green or blue.",
        "DATABASE must be a URL like postgres://user:password@host/name or sqlite:////folder/file.",
        "MAIL must be a URL like smtp+tls://user:password@host:587.",
        "Something else is wrong.",
    ]
    assert "hush" not in str(caught.value)


def test_a_name_of_ours_that_is_not_known_is_a_typo() -> None:
    env = Environment(
        {
            "RUCKUS_REIGON": "eu",
            "PORTAL_NOTHING_OF_THE_KIND": "1",
            "OTHER": "1",
            # Of a service called "portal", by Kubernetes and Docker.
            "PORTAL_SERVICE_HOST": "10.0.0.1",
            "PORTAL_SERVICE_PORT_HTTP": "80",
            "PORTAL_PORT": "tcp://10.0.0.1:80",
            "PORTAL_PORT_80_TCP_ADDR": "10.0.0.1",
        }
    )
    env.raw("RUCKUS_REGION")
    env.raw("PORTAL_URL")
    with pytest.raises(WrongSettings) as caught:
        env.finish()
    assert caught.value.problems == [
        "PORTAL_NOTHING_OF_THE_KIND is no setting of the portal.",
        "RUCKUS_REIGON is no setting of the portal. Did you mean RUCKUS_REGION?",
    ]


def test_a_database_is_read_without_a_warning_that_would_repeat_its_password(recwarn: Any) -> None:
    is_database("sqlite://u:hush@h/n")
    is_database("postgres://u:hush@h/n?OPTION=1")
    assert not recwarn.list


def test_wrong_settings_end_a_process_without_a_traceback(capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught, told_plainly(status=2):
        raise WrongSettings(["One is wrong.", "Another is wrong."])
    assert caught.value.code == 2
    assert capsys.readouterr().err == "Settings: One is wrong.\nSettings: Another is wrong.\n"
    with told_plainly(status=2):
        pass
    assert capsys.readouterr().err == ""
