"""The URL of a PostgreSQL: what is read in it, what is refused, and that no password of it is ever shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from genmedia_exporter.core.database_url import DatabaseUrlError, parse_database_url

LEGAL = {
    "postgresql://": {},
    "postgresql:///db": {"dbname": "db"},
    "postgres://me@h/db": {"user": "me", "host": "h", "dbname": "db"},
    "postgresql+psycopg://me:p%40ss@h:5433/db": {
        "user": "me", "password": "p@ss", "host": "h", "port": "5433", "dbname": "db",
    },
    "postgresql://me@corp:pw@h": {"user": "me@corp", "password": "pw", "host": "h"},
    "postgresql://h:/db": {"host": "h", "dbname": "db"},
    "postgresql://:5433/db": {"port": "5433", "dbname": "db"},
    "postgresql://h:1/": {"host": "h", "port": "1"},
    "postgresql://h:65535": {"host": "h", "port": "65535"},
    "postgresql://[::1]:5433/db": {"host": "::1", "port": "5433", "dbname": "db"},
    "postgresql:///db?host=/run/postgresql": {"host": "/run/postgresql", "dbname": "db"},
    "postgresql://%2Frun%2Fpostgresql/db": {"host": "/run/postgresql", "dbname": "db"},
    "postgresql:///db?host=%3A%3A1": {"host": "::1", "dbname": "db"},
    "postgresql://h/db?port=7": {"host": "h", "port": "7", "dbname": "db"},
    "postgresql://h/db?sslmode=require": {"host": "h", "dbname": "db", "sslmode": "require"},
    # Several servers, as libpq writes them and as SQLAlchemy does.
    "postgresql://a:1,b:2/db": {"host": "a,b", "port": "1,2", "dbname": "db"},
    "postgresql://a,b:2/db": {"host": "a,b", "port": ",2", "dbname": "db"},
    "postgresql:///db?host=a:1&host=b:2": {"host": "a,b", "port": "1,2", "dbname": "db"},
    "postgresql:///db?host=a,b&port=1,2": {"host": "a,b", "port": "1,2", "dbname": "db"},
    "postgresql:///db?host=a,b&port=7": {"host": "a,b", "port": "7,7", "dbname": "db"},
}  # fmt: skip

ILLEGAL = {
    "": "is empty",
    "mysql://h/db": "begins with postgresql://",
    "genmedia.db": "begins with postgresql://",
    "postgresql:/h/db": "is not the URL of a database",
    "postgresql://h/d\nb": "is not the URL of a database",
    "postgresql+psycopg2://h/db": "write postgresql:// or postgresql\\+psycopg://",
    "postgresql+asyncpg://h/db": "write postgresql:// or postgresql\\+psycopg://",
    "postgres+nonsense://h/db": "write postgresql:// or postgresql\\+psycopg://",
    "postgresql://h:notaport/db": "not a number from 1 to 65535",
    "postgresql://h:0/db": "not a number from 1 to 65535",
    "postgresql://h:65536/db": "not a number from 1 to 65535",
    "postgresql://h:-1/db": "not a number from 1 to 65535",
    "postgresql://h: 5/db": "not a number from 1 to 65535",
    "postgresql://h:٣/db": "not a number from 1 to 65535",
    "postgresql://h/db?port=99999": "not a number from 1 to 65535",
    "postgresql:///db?host=a:b": "not a number from 1 to 65535",
    "postgresql://[::1/db": "an IPv6 address is written",
    "postgresql://::1]/db": "an IPv6 address is written",
    "postgresql://[host]/db": "an IPv6 address is written",
    "postgresql://u:p@ss@h/db": "written %40",
    "postgresql://us/er:pass@h/db": "written %40",
    "postgresql://a b/db": "characters that no host has",
    "postgresql://u:%00@h/db": "holds %00",
    "postgresql://h/db?sslmode=a&sslmode=b": "stands twice",
    "postgresql:///db?host=a:1&port=2": "in one of the two",
    "postgresql:///db?host=a,b&port=1,2,3": "not as many ports as hosts",
}


@pytest.mark.parametrize("text", LEGAL)
def test_read(text: str) -> None:
    """Every way of writing one leads to the same parameters of libpq; without a host it is a socket."""
    assert parse_database_url(text).connection() == LEGAL[text]


@pytest.mark.parametrize("text", ILLEGAL)
def test_refused(text: str) -> None:
    """What could never be connected to is refused with what to write instead."""
    with pytest.raises(DatabaseUrlError, match=ILLEGAL[text]):
        parse_database_url(text)


@pytest.mark.parametrize("text", [t for t in LEGAL if not set(t) & set(",%") and ":/db" not in t])
def test_as_sqlalchemy_reads_it(text: str) -> None:
    """What SQLAlchemy's own reader makes of a URL is what we make of it."""
    dialect: Any = PGDialect_psycopg
    _, theirs = dialect().create_connect_args(make_url(text))
    ours = parse_database_url(text).connection()
    assert {key: str(value) for key, value in theirs.items()} == ours


def test_shown() -> None:
    """Passwords of every kind are `<secret>`, and what is no secret stays readable."""
    text = "postgres://me:hunter2@h:5433/my%20db?sslmode=require&password=hunter2&passfile=/p/w"
    assert parse_database_url(text).shown == (
        "postgresql+psycopg://me:<secret>@h:5433/my db?sslmode=require&password=<secret>&passfile=/p/w"
    )
    assert parse_database_url("postgresql://[::1],/db").shown == "postgresql+psycopg://[::1],/db"
    for option in ("password", "sslpassword", "pasword", "oauth_client_secret", "options"):
        shown = repr(parse_database_url(f"postgresql:///db?{option}=hunter2"))
        assert shown == f"postgresql+psycopg:///db?{option}=<secret>"


CANARY = "hunter2canary"


@given(st.text(st.sampled_from("postgresql+psycopg2:/@[],?&=%40 aA1hostpassword"), max_size=30))
def test_nothing_tells_the_password(noise: str) -> None:
    """Whatever stands around it, neither an error nor what is shown holds the password."""
    for text in (
        f"postgresql://u:{CANARY}@{noise}",
        f"postgresql://u{noise.replace('/', '')}:{CANARY}@h/db",
        f"postgresql://h/db?{noise.replace('=', '')}password={CANARY}",
    ):
        try:
            told = parse_database_url(text).shown
        except DatabaseUrlError as error:
            told = str(error)
        assert CANARY not in told
