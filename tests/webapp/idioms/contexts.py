import contextlib
import io


@contextlib.contextmanager
def changed(table, key, value):
    before = table[key]
    table[key] = value
    try:
        yield table
    finally:
        table[key] = before


def answer():
    table = {"a": 1}
    with (
        changed(table, "a", 2),
        contextlib.suppress(KeyError),
        contextlib.redirect_stdout(io.StringIO()) as out,
    ):
        print("inside")
        table["missing"]
    return table == {"a": 1} and out.getvalue() == "inside\n"
