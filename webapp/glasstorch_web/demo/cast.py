"""The people of the demo course: invented, with names from several languages."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SHOWN = 3  # of the learners can be logged in as: they take part until the end

# (given names, family names, whether the family name comes first)
_NAMES = (
    (("Amelia", "Owen", "Grace", "Callum"), ("Fletcher", "Hughes", "O'Brien", "Whitfield"), False),
    (("思远", "雨桐", "子涵", "若琳"), ("王", "李", "陈", "欧阳"), True),
    (("Lucía", "Íñigo", "Begoña", "Andrés"), ("Muñoz Peña", "Ibáñez", "Núñez", "Castro"), False),
    (("Chiara", "Zoë", "Søren", "Jürgen"), ("Müller-Groß", "Øvergård", "d'Angelo", "Lindström"), False),
    (("Олена", "Дмитро", "Катерина", "Юрій"), ("Шевченко", "Коваль", "Їжакевич", "Бондар"), False),
    (("ليلى", "عمر", "نور", "يوسف"), ("حداد", "النجار", "منصور", "العلي"), False),
    (("Aylin", "İbrahim", "Gülşen", "Çağrı"), ("Yıldız", "Öztürk", "Şahin", "Işık"), False),
    (("さくら", "健太", "美咲", "翔"), ("山本", "小林", "渡辺", "藤原"), True),
    (("Thảo", "Minh Đức", "Ngọc Ánh", "Quốc Bảo"), ("Nguyễn", "Trần", "Phạm", "Đặng"), True),
    (("Aarav", "Ananya", "Ishaan", "Meera"), ("Iyer", "Deshpande", "Kaur", "Banerjee"), False),
)


@dataclass(frozen=True)
class Learner:
    """Somebody in the course. `skill`, `zeal`: from 0 to 1; `leaves_in`: the week after which nothing more comes."""

    id: str
    name: str
    email: str
    section: str
    skill: float
    zeal: float
    leaves_in: int | None


def learners(count: int, draw: random.Random) -> Iterator[Learner]:
    """That many different people."""
    for at in range(count):
        given, family, family_first = _NAMES[at % len(_NAMES)]
        turn = at // len(_NAMES)
        first, last = given[turn % len(given)], family[(turn + turn // len(given)) % len(family)]
        between = "" if unicodedata.name(last[0]).startswith(("CJK", "HIRAGANA")) else " "
        name = f"{last}{between}{first}" if family_first else f"{first} {last}"
        repeated = turn // (len(given) * len(family))
        yield Learner(
            id=f"learner-{at + 1:03}",
            name=name if not repeated else f"{name} {repeated + 1}",
            email=f"learner{at + 1}@example.org",
            section=("Monday", "Thursday")[at % 2],
            skill=max(draw.betavariate(3, 2), 0.6 if at < SHOWN else 0.0),
            zeal=max(draw.betavariate(4, 2), 0.9 if at < SHOWN else 0.0),
            leaves_in=draw.randrange(1, 4) if draw.random() < 0.12 and at >= SHOWN else None,
        )
