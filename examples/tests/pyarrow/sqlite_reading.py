"""Every table read through Flight is what Python's own sqlite3 reads."""

import datetime
import json

import pyarrow as pa
from gallery import connect, path, refused
from shop import in_order, judge, quoted, read_table, rows, table_command, tables

client, database = connect(), judge()
names = tables(database)
assert len(names) > 5, names
listed = {tuple(part.decode() for part in info.descriptor.path): info.schema for info in client.list_flights()}


def affinity(declared):
    declared = declared.upper()
    if "INT" in declared:
        return "integer"
    if any(part in declared for part in ["CHAR", "CLOB", "TEXT"]):
        return "text"
    if "BLOB" in declared:
        return "blob"
    if any(part in declared for part in ["REAL", "FLOA", "DOUB"]):
        return "real"
    return None


def expected_type(table, column, declared):
    stored = affinity(declared)
    if stored is None:
        classes = {found for (found,) in database.execute(f"SELECT DISTINCT typeof({quoted(column)}) FROM {quoted(table)}")} - {"null"}
        stored = next(iter(classes)) if len(classes) == 1 else "real" if classes == {"integer", "real"} else "text"
    return {"integer": pa.int64(), "real": pa.float64(), "text": pa.utf8(), "blob": pa.binary()}[stored]


for name in names:
    columns = database.execute("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)", [name]).fetchall()
    found = read_table(client, name)
    info = client.get_flight_info(path("sqlite", name))
    assert found.schema.names == [column for column, *_ in columns]
    for column, declared, not_null, key in columns:
        field = found.schema.field(column)
        assert field.type == expected_type(name, column, declared), (name, field)
        assert not not_null or not field.nullable, (name, field)
    key = [column for column, _, _, place in sorted(columns, key=lambda column: column[3]) if place]
    assert json.loads(found.schema.metadata.get(b"flexconnect:primary_key", b"[]")) == key, (name, found.schema.metadata)
    assert listed["sqlite", name].equals(found.schema, check_metadata=True), name
    stored = in_order(database.execute(f"SELECT * FROM {quoted(name)}"))
    if name == "Picture":
        # A column of integers, floats and text is one of text.
        stored = in_order((image, data, None if note is None else str(note), size) for image, data, note, size in stored)
    assert rows(found) == stored, name
    assert info.total_records == len(stored), name

    # Columns in the order asked, a limit that is exact, parts that are the whole.
    two = found.schema.names[1::-1]
    projected = read_table(client, name, columns=two)
    assert rows(projected) == in_order(database.execute(f"SELECT {', '.join(map(quoted, two))} FROM {quoted(name)}"))
    for limit in [0, 1, len(stored) // 2, len(stored) + 1]:
        limited = rows(read_table(client, name, limit=limit))
        assert len(limited) == min(limit, len(stored)) and set(limited) <= set(stored), (name, limit)
    parts = client.get_flight_info(table_command(name, config={"rows_per_partition": 64}))
    assert 1 <= len(parts.endpoints) <= 16
    together = [row for endpoint in parts.endpoints for row in rows(client.do_get(endpoint.ticket).read_all())]
    assert in_order(together) == stored, name

# Dates are text, and dates where the configuration says so.
as_text = read_table(client, "Invoice").column("InvoiceDate").to_pylist()
typed = read_table(client, "Invoice", config={"typed_dates": True}).column("InvoiceDate")
assert typed.type == pa.timestamp("us")
assert typed.to_pylist() == [datetime.datetime.fromisoformat(text) for text in as_text]

# What is not there.
with refused(pa.ArrowKeyError, "did you mean"):
    client.get_flight_info(path("sqlite", "Artists"))
with refused(pa.ArrowInvalid, "set by the operator"):
    read_table(client, "Artist", config={"file": "/etc/passwd"})
