"""`comm_timeline(...)`: what each process computed, what was on its way meanwhile, and what it stood still for."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import traitlets
from glasstorch import distributed

from ..drawing import INK, PAPER, SOFT, Picture
from ..language import filled
from ..palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, number
from ..view import View

MOST_EVENTS = 400
PHASES = {"forward": SKY, "backward": ORANGE, "step": GREEN}
#: One for each kind of collective; the scripts use the same.
COLLECTIVES = (BLUE, VERMILLION, PURPLE, "#7A6A00", "#6E7781")
_KEPT = ("name", "nbytes", "sent", "received", "measured", "algorithm", "asynchronous", "seconds", "exact", "waited",
         "exposed", "overlap", "bucket", "parameters", "failed")  # fmt: skip
_NAMES_SHOWN, _MOST_LAYERS = 6, 6
_LANE, _LEFT, _RIGHT = 20.0, 86.0, 690.0

Plain = dict[str, Any]


class CommTimeline(View, module="comm_timeline.js", styles=("explain.css", "timeline.css"), words="timeline"):
    """Collectives as they happened; see `comm_timeline`."""

    title = traitlets.Unicode("").tag(sync=True)
    timeline = traitlets.Dict().tag(sync=True)

    def __init__(self, ranks: Sequence[Plain], *, title: str = "", lang: str | None = None) -> None:
        count = sum(len(r["events"]) for r in ranks)
        if count > MOST_EVENTS:
            raise ValueError(
                f"comm_timeline() shows at most {MOST_EVENTS} events, not {count}; record fewer steps"
            )
        super().__init__(title=title, lang=lang)
        self.timeline = {"ranks": _aligned(ranks)}

    @property
    def seconds(self) -> float:
        """From the first thing shown to the end of the last."""
        spans = (s for r in self.timeline["ranks"] for part in ("events", "phases", "waits") for s in r[part])
        return max((s["start"] + s["seconds"] for s in spans), default=0.0)

    def text(self) -> str:
        """Every rank's sums and every event, in a line each."""
        words, lines = self.labels, [self.title or self.labels["title"]]
        for r in self.timeline["ranks"]:
            lines.append(f"{words['rank'].format(r=r['rank'])}: {self._sums(r)}")
            for e in r["events"]:
                what = _label(e, words) + (f" ({_named(e['parameters'])})" if e["parameters"] else "")
                how = filled(words["by"], algorithm=e["algorithm"]) if e["algorithm"] else ""
                moved = filled(words["moved"], put=size(e["nbytes"]), sent=size(e["sent"]), how=how)
                times = words["times"].format(**_times(e))
                lines.append(f"  {what}: {moved} {times}")
        return "\n".join(lines)

    def _sums(self, rank: Plain) -> str:
        s, words = rank["summary"], self.labels["sums"]
        values = {k: _ms(s[k]) for k in ("forward", "backward", "step", "communicating", "exposed")}
        return filled(words, **values, overlap=round(100 * s["overlap"]), sent=size(s["sent"]))

    def svg(self) -> str | None:
        """Two lanes for every rank: what it computed, and what was on its way."""
        last, words = self.seconds or 1.0, self.labels
        picture = Picture(self.text())
        picture.text(12, 20, self.title or words["title"], size=13, bold=True)
        names, top = kinds(self.timeline["ranks"]), 34.0

        def bar(span: Plain, row: float, height: float = _LANE - 3, **look: Any) -> tuple[float, float]:
            x = _LEFT + (_RIGHT - _LEFT) * span["start"] / last
            wide = max(1.0, (_RIGHT - _LEFT) * span["seconds"] / last)
            picture.rect(x, row, wide, height, **look)
            return x, wide

        def inside(x: float, wide: float, row: float, text: str, fill: str = INK) -> None:
            if wide > _width(text) + 8:
                picture.text(x + 4, row + 12.5, text, size=10, fill=fill)

        for r in self.timeline["ranks"]:
            picture.text(12, top + 13, words["rank"].format(r=r["rank"]))
            for p in r["phases"]:
                place = bar(p, top, fill=PHASES.get(p["name"], SOFT), fill_opacity=0.55)
                inside(*place, top, words[p["name"]])
            for w in r["waits"]:
                bar(w, top + _LANE - 3, 5, fill=BLACK, fill_opacity=0.7)
            for e in r["events"]:
                colour = COLLECTIVES[names.index(e["name"]) % len(COLLECTIVES)]
                row = top + 5 + _LANE * (1 + e["layer"])
                place = bar(e, row, fill=colour, fill_opacity=0.35, stroke=colour)
                for part in e["stood"]:
                    bar(part, row, fill=colour)
                inside(*place, row, _label(e, words), PAPER if _mostly_stood(e) else INK)
            top += _LANE * (1 + r["layers"]) + 12
            picture.line([(_LEFT, top - 4), (_RIGHT, top - 4)], stroke_width=0.5)
        picture.text(_RIGHT, top + 10, filled(words["ms"], n=_ms(last)), anchor="end", fill=SOFT)
        x = 12.0
        keys = [(words[name], colour, 0.55) for name, colour in PHASES.items()] + [
            (words["standing"], BLACK, 0.65)
        ]
        keys += [(name, COLLECTIVES[k % len(COLLECTIVES)], 1.0) for k, name in enumerate(names)]
        for name, colour, opacity in keys:
            picture.rect(x, top + 18, 12, 12, fill=colour, fill_opacity=opacity)
            picture.text(x + 16, top + 28, name)
            x += 34 + 1.1 * _width(name)
        picture.text(12, top + 48, words["pale"], fill=SOFT)
        return picture.done()

    def __repr__(self) -> str:
        ranks = self.timeline["ranks"]
        return f"<CommTimeline of {len(ranks)} ranks, {sum(len(r['events']) for r in ranks)} events>"


def comm_timeline(recordings: Any, *, title: str = "", lang: str | None = None) -> CommTimeline:
    """Show what real processes sent each other and when, beside what each of them computed.

        with dist.traffic.record() as recording:
            loss.backward()
        comm_timeline(recording)                    # this process alone

        dist.traffic.save("traffic.json", recording)  # in the program, on every rank
        comm_timeline("traffic.json")                 # in the notebook: all of them

    Args:
        recordings: a recording of `glasstorch.distributed.traffic`, one for each rank (also as plain values), or the
            path of a file that `traffic.save` wrote. Up to 400 events.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: too many events, or a file without recordings. TypeError: no recordings.
    """
    if isinstance(recordings, (str, os.PathLike)):
        recordings = distributed.traffic.load(recordings)
    found = recordings_in(recordings)
    if found is None:
        raise TypeError(
            "comm_timeline() takes what traffic.record() gives, one for each rank, or a file of traffic.save(), not "
            f"{type(recordings).__name__}"
        )
    return CommTimeline(found, title=title, lang=lang)


def recordings_in(values: Any) -> list[Plain] | None:
    """Recordings as plain values, one for each rank; None if these are none."""
    one = _recording(values)
    if one is not None:
        return [one]
    if not isinstance(values, (list, tuple)) or not values:
        return None
    found = [_recording(v) for v in values]
    return None if any(r is None for r in found) else [r for r in found if r is not None]


def _recording(value: Any) -> Plain | None:
    if isinstance(value, distributed.traffic.Recording):
        return value.to_dict()
    if isinstance(value, Mapping):
        return dict(value) if "events" in value else None
    if isinstance(value, (list, tuple)) and value and all(map(_is_event, value)):
        return {"events": [dict(v) if isinstance(v, Mapping) else v.to_dict() for v in value]}
    return None


def _is_event(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "nbytes" in value
    return isinstance(value, distributed.traffic.Event)


def _aligned(ranks: Sequence[Plain]) -> list[Plain]:
    """Recordings as the view draws them: one beginning for all, and for each event where the program stood."""
    epochs = [r.get("epoch", 0.0) for r in ranks]
    parts = ("events", "phases", "waits")
    began = min((s["start"] + epoch for r, epoch in zip(ranks, epochs, strict=True) for part in parts
                 for s in r.get(part, ())), default=0.0)  # fmt: skip
    found = []
    for place, (r, epoch) in enumerate(zip(ranks, epochs, strict=True)):
        moved = {
            part: [dict(s) | {"start": s["start"] + epoch - began} for s in r.get(part, ())] for part in parts
        }
        for e in moved["events"]:
            e["stood"] = _common(e, moved["waits"])
            e.setdefault("exposed", e["waited"])
        events, turns = [], Counter[str]()
        for e in moved["events"]:  # a group's n-th collective is its n-th one on every rank
            group = "" if e["name"].endswith(("send", "recv")) else e.get("group_name", "0")
            turns[group] += 1
            kept = {k: e.get(k, _MISSING.get(k)) for k in (*_KEPT, "start", "stood")}
            same = f"{group} {turns[group]}" if group else ""
            events.append(kept | {"among": len(e.get("group", ranks)), "same": same})
        layers = _layered(events)
        found.append(
            {"rank": r.get("rank", place), "host": r.get("host", ""), "events": events, "phases": moved["phases"],
             "waits": moved["waits"], "layers": layers, "summary": r.get("summary") or _summary(events),
             "dropped": r.get("dropped", 0)}
        )  # fmt: skip
    return found


def _layered(events: Sequence[Plain]) -> int:
    """Give each event a `layer`, so that none hides one that goes on at the same time; how many there are."""
    free: list[
        float
    ] = []  # when each layer is free again; clocks of different processes agree to a microsecond
    for e in sorted(events, key=lambda e: e["start"]):
        k = next((k for k, end in enumerate(free) if end <= e["start"] + 1e-6), len(free))
        free[k : k + 1] = [e["start"] + e["seconds"]]
        e["layer"] = min(k, _MOST_LAYERS - 1)
    return min(max(len(free), 1), _MOST_LAYERS)


def _mostly_stood(event: Plain) -> bool:
    return bool(2 * sum(part["seconds"] for part in event["stood"]) > event["seconds"])


_MISSING: Plain = {
    "bucket": None,
    "parameters": (),
    "exact": True,
    "measured": True,
    "failed": False,
    "overlap": 0.0,
}


def _common(event: Plain, waits: Iterable[Plain]) -> list[Plain]:
    """The parts of an event's time in which the program stood."""
    end, stood = event["start"] + event["seconds"], []
    for w in waits:
        left, right = max(event["start"], w["start"]), min(end, w["start"] + w["seconds"])
        if left < right:
            stood.append({"start": left, "seconds": right - left})
    return stood


def _summary(events: Sequence[Plain]) -> Plain:
    """Sums where a list of events is all there is."""
    seconds, exposed = sum(e["seconds"] for e in events), sum(e["exposed"] for e in events)
    return {"forward": 0.0, "backward": 0.0, "step": 0.0, "communicating": seconds, "exposed": exposed,
            "overlap": max(0.0, 1 - exposed / seconds) if seconds else 0.0,
            "sent": sum(e["sent"] or 0 for e in events)}  # fmt: skip


def kinds(ranks: Sequence[Plain]) -> list[str]:
    """The names of the collectives, in the order in which they appear."""
    return list(dict.fromkeys(e["name"] for r in ranks for e in r["events"]))


def size(nbytes: int | None) -> str:
    """A number of bytes as people read it; exact below 10 000."""
    if nbytes is None:
        return "?"
    if nbytes < 10_000:
        return f"{nbytes} B"
    units = (("KiB", 2**10), ("MiB", 2**20), ("GiB", 2**30))
    unit, by = next((pair for pair in units if nbytes < 1000 * pair[1]), units[-1])
    return f"{number(round(nbytes / by, 1))} {unit}"


def _width(text: str) -> float:
    """About how wide a text is at size 10; Chinese letters are as wide as high."""
    return sum(10.5 if letter > "\u2e80" else 5.9 for letter in text)


def _label(event: Plain, words: Mapping[str, str]) -> str:
    return event["name"] if event["bucket"] is None else words["bucket"].format(k=event["bucket"])


def _named(parameters: Sequence[str]) -> str:
    more = len(parameters) - _NAMES_SHOWN
    return ", ".join(parameters[:_NAMES_SHOWN]) + (f" +{more}" if more > 0 else "")


def _times(event: Plain) -> Plain:
    return {"start": _ms(event["start"]), "ms": _ms(event["seconds"]), "stood": _ms(event["exposed"]),
            "hidden": round(100 * event["overlap"])}  # fmt: skip


def _ms(seconds: float) -> str:
    return number(float(f"{1e3 * seconds:.3g}"))
