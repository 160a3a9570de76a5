"""Every table is written to a file that is not there, and is then what it was."""

import json
import os

import pyarrow as pa
from gallery import connect, path, put, refused
from shop import TARGET, in_order, judge, quoted, read_table, rows, table_command, tables, target

source, client = connect(), target()
assert not os.path.exists(TARGET)
assert [info for info in client.list_flights() if info.descriptor.path[0] == b"sqlite"] == []
assert not os.path.exists(TARGET), "a listing made the file"

for name in tables(judge()):
    table = read_table(source, name)
    # A table is there once it is written.
    with refused(pa.ArrowKeyError, "no table"):
        client.get_flight_info(path("sqlite", name))
    with refused(pa.ArrowKeyError, "no table"):
        client.get_schema(table_command(name))
    assert put(client, path("sqlite", name), table)["rows"] == table.num_rows

    columns = ", ".join(map(quoted, table.schema.names))
    stored = in_order(judge(TARGET).execute(f"SELECT {columns} FROM {quoted(name)}"))
    assert stored == rows(table), name
    copied = read_table(client, name)
    assert copied.schema.names == table.schema.names and copied.schema.types == table.schema.types, (copied.schema, table.schema)
    assert rows(copied) == rows(table), name
    key = json.loads(table.schema.metadata.get(b"flexconnect:primary_key", b"[]"))
    there = judge(TARGET).execute("SELECT name, pk FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [name]).fetchall()
    assert [column for column, _ in there] == key, (name, there)

    # Again: an overwrite leaves it as it is, an append meets its key, an upsert replaces and adds nothing.
    assert put(client, table_command(name, mode="overwrite"), table)["rows"] == table.num_rows
    if key:
        with refused(pa.ArrowInvalid, "row 0", "upsert"):
            put(client, table_command(name, mode="append"), table)
        put(client, table_command(name, mode="upsert"), table.slice(0, 7))
        put(client, table_command(name, mode="delete"), table.slice(0, 3).select(key))
        assert rows(read_table(client, name)) == rows(table.slice(3)), name
        put(client, table_command(name, mode="upsert"), table)
    assert rows(read_table(client, name)) == rows(table), name

assert {tuple(info.descriptor.path)[1].decode() for info in client.list_flights() if info.descriptor.path[0] == b"sqlite"} == set(tables(judge()))

# A table without a key.
plain = pa.table({"n": [1, 2, None], "at": pa.array([0, 1, None], pa.timestamp("ms")), "kind": pa.array(["a", "b", "a"]).dictionary_encode()})
for mode in ["upsert", "delete"]:
    with refused(pa.ArrowInvalid, "primary key"):
        put(client, table_command("plain", mode=mode), plain)
put(client, path("sqlite", "plain"), plain)
assert judge(TARGET).execute("SELECT * FROM plain").fetchall() == [(1, "1970-01-01 00:00:00", "a"), (2, "1970-01-01 00:00:00.001", "b"), (None, None, "a")]
# Columns by name, in any order; never another's values.
put(client, path("sqlite", "plain"), plain.select(["kind", "at", "n"]))
assert judge(TARGET).execute("SELECT count(*), sum(n) FROM plain").fetchall() == [(6, 6)]
with refused(pa.ArrowInvalid, "`n` is Utf8", "Int64"):
    put(client, path("sqlite", "plain"), plain.set_column(0, "n", pa.array(["1", "2", "3"])))
with refused(pa.ArrowInvalid, "missing `at`", "extra `att`"):
    put(client, path("sqlite", "plain"), plain.rename_columns(["n", "att", "kind"]))
assert judge(TARGET).execute("SELECT count(*) FROM plain").fetchone() == (6,)
# What SQLite has nothing for.
with refused(pa.ArrowInvalid, "`l` is List"):
    put(client, path("sqlite", "nested"), pa.table({"l": [[1]]}))
with refused(pa.ArrowKeyError, "no table"):
    client.get_flight_info(path("sqlite", "nested"))
