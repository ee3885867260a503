"""`osteogait users` and `osteogait audit`: what whoever owns the machine can do without signing in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteogait.cli_options import AsJson, Lang, language, print_json
from osteogait.errors import UsageError
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.storage.accounts import Account
    from osteogait.storage.store import Store

MACHINE = "machine"
"""Stands in the audit for whoever has the machine itself: no account was used."""
DATABASE = "osteogait.sqlite"

users_app = typer.Typer(help="People with access to the station.", no_args_is_help=True)
audit_app = typer.Typer(help="What was done at the station by whom.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", metavar="FOLDER", help="where everything is kept")]


@users_app.callback()
def users() -> None:
    """People with access to the station."""


@users_app.command("list")
def list_users(data: Data = None, as_json: AsJson = False, lang: Lang = "") -> None:
    """Everybody with access: the name to sign in with, role, whether the account is on; JSON: one object a line."""
    from osteogait.storage.accounts import Accounts

    chosen = language(lang)
    with opened_store(data) as store:
        accounts = Accounts(store).all()
    for account in accounts:
        if as_json:
            facts = {"id": account.id, "name": account.name, "role": str(account.role)}
            print_json({**facts, "active": account.active})
        else:
            typer.echo(_line(account, chosen))


@users_app.command()
def reset_password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="the name to sign in with")],
    data: Data = None,
    lang: Lang = "",
) -> None:
    """Another password for somebody who forgot theirs: typed twice, or one line on standard input."""
    from osteogait.storage.accounts import Accounts
    from osteogait.storage.audit import Audit
    from osteogait.storage.sessions import Sessions

    chosen = language(lang)
    with opened_store(data) as store:
        accounts = Accounts(store)
        account = accounts.by_name(name)
        if account is None:
            known = ", ".join(one.name for one in accounts.all())
            raise UsageError("users_no_name", name=name, known=known)
        password = typed("users_new_password", chosen, "users_new_password_again")
        with store.transaction():
            accounts.set_password(account.id, password)
            Sessions(store).end_all(account.id)
            Audit(store).add(MACHINE, "change", f"account:{account.id}", what="password")
    typer.echo(sentence("users_password_set", chosen, {"name": account.name}))
    if not account.active:
        typer.echo(sentence("users_switched_off", chosen, {"name": account.name}), err=True)


@audit_app.callback()
def audit() -> None:
    """What was done at the station by whom."""


@audit_app.command()
def verify(
    data: Data = None,
    heads: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="HASH", help="a head written down before: must still be in the chain"),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Go through the whole chain: a row changed, removed, moved or put in is found (exit 1)."""
    from osteogait.storage.audit import Audit

    chosen = language(lang)
    with opened_store(data) as store:
        chain = Audit(store)
        verdict = chain.verify()
        lost = [head for head in heads or [] if not chain.contains(head.strip().lower())]
    facts = {**asdict(verdict), "ok": verdict.ok and not lost, "lost": lost}
    if as_json:
        print_json(facts)
    else:
        typer.echo(sentence("audit_whole" if verdict.ok else "audit_broken", chosen, facts))
        for head in lost:
            typer.echo(sentence("audit_head_lost", chosen, {"head": head}))
    raise typer.Exit(0 if facts["ok"] else 1)


@contextmanager
def opened_store(data: Path | None) -> Iterator[Store]:
    """The store of a station that there is already: these commands never make one."""
    from osteogait.config import data_folder

    path = (data or data_folder()) / DATABASE
    if not path.is_file():
        raise UsageError("no_station", folder=path.parent)
    from osteogait.storage.store import Store

    with Store.open(path) as store:
        yield store


def typed(question: str, lang: str, again: str | None = None) -> str:
    """What was typed at a terminal, not shown, twice with `again`; elsewhere one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    twice = False if again is None else sentence(again, lang, {})
    return str(typer.prompt(sentence(question, lang, {}), hide_input=True, confirmation_prompt=twice))


def _line(account: Account, lang: str) -> str:
    state = "" if account.active else "  " + sentence("users_off", lang, {})
    return f"{account.name}  {account.role}  {account.display}{state}"
