"""Beside the learner's code: a little play with arrays that have names. Each step is (what, name, ...)."""

import submission


def play(*steps):
    """What each step gave: versions, data, or what an unpack came to. {"missing": ...} where a method gave no Array."""
    things, seen = {}, []
    for what, name, *more in steps:
        if what == "new":
            things[name] = submission.Array(more[0])
        elif what == "view":
            things[name] = things[more[0]].view(slice(more[1], more[2]))
        elif what == "copy":
            things[name] = things[more[0]].copy()
        elif what == "save":
            things[name] = submission.Saved(things[more[0]])
        elif what == "add":
            returned = things[name].add_(more[0])
            seen.append("itself" if returned is things[name] else type(returned).__name__)
        elif what == "version":
            seen.append(things[name].version())
        elif what == "data":
            seen.append(things[name].data.copy())
        elif what == "unpack":
            try:
                got = things[name].unpack()
            except RuntimeError as error:
                seen.append("refused: " + repr(str(error)))
            else:
                seen.append(None if got is None else got.copy())
        if what in ("view", "copy") and not isinstance(things[name], submission.Array):
            return {"missing": what, "got": type(things[name]).__name__}
    return seen
