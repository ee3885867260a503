"""The audit on the screen: in words of the reader's language, people by a short mark, accounts by name."""

from __future__ import annotations

import re
from typing import Any

from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.storage import audit
from osteogait.web.entrance.audit import ACTIONS
from osteogait.web.language import translations
from osteogait.web.station import Station


def test_every_action_has_words() -> None:
    assert set(ACTIONS) == set(audit.ACTIONS)
    chinese = translations("zh").gettext
    assert all(re.search("[\u4e00-\u9fff]", chinese(words)) for words in ACTIONS.values())


def test_the_page_names_accounts_and_shortens_people(
    visitors: Visitors, station: Station, known: Any
) -> None:
    visitor = visitors.signed_in(Role.ADMINISTRATOR)
    station.audit.add("kiosk", "login", "slip", refused=True)
    station.audit.add("guest:11111111-2222", "view", f"result:{known.result}")
    station.audit.add(visitors.account(Role.THERAPIST).id, "create", f"person:{known.person}")
    visitor.post("/language", {"lang": "zh", "back": "/audit"})
    rows = re.findall(r"<tr>(.*?)</tr>", visitor.get("/audit").text, re.DOTALL)
    cells = [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows[1:]
    ]
    made, viewed, slip = cells[0], cells[1], cells[2]
    assert made[2:5] == ["The therapist", "新建", f"受检者 {known.person[:6].upper()}"]
    assert viewed[2:5] == ["自助机来访者", "查看", f"结果 {known.result[:6].upper()}"]
    assert slip[2:5] == ["自助机", "登录", "小纸条"]
    assert known.person not in visitor.get("/audit").text
