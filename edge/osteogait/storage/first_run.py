"""Whether anybody has an account yet, answered without the database library: the first page asks."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def first_run(path: Path) -> bool:
    """True while the database at `path` is absent or has no account; what else is wrong with it is found later."""
    if not path.exists():
        return True
    connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
    try:
        return connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is None
    except sqlite3.OperationalError as error:
        return "no such table" in str(error)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
