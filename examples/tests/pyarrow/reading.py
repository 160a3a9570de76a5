"""DoGet with columns, filters and limits: what comes back is exactly what was asked for."""

import pyarrow as pa
import pyarrow.flight as flight
from gallery import NUMBERS, command, connect, read, read_info, refused

client = connect()
CONFIG = {"rows": 1000}


def ids(**keys):
    return read(client, "numbers", config=CONFIG, **keys).column("id").to_pylist()


# Everything: each row once, the name belongs to its number.
table = read(client, "numbers", config=CONFIG)
assert table.schema.remove_metadata().equals(NUMBERS)
assert table.column("id").to_pylist() == list(range(1000))
assert table.column("name").to_pylist() == [f"number {n}" for n in range(1000)]

# Columns come in the order asked; none is a table of rows without columns.
assert read(client, "numbers", config=CONFIG, columns=["name", "id"]).schema.names == ["name", "id"]
info = client.get_flight_info(command("numbers", config=CONFIG, columns=[]))
assert len(info.schema) == 0
counted = 0
for endpoint in info.endpoints:
    for chunk in client.do_get(endpoint.ticket):
        counted += chunk.data.num_rows
assert counted == 1000, counted

# Limits are exact: zero, within a batch, across partitions, more than there is.
for limit in [0, 1, 249, 250, 251, 999, 1000, 5000]:
    found = ids(limit=limit)
    assert len(found) == min(limit, 1000) == len(set(found)), (limit, len(found))
assert read(client, "numbers", limit=123_456).num_rows == 123_456


# Filters, one of each kind.
def at(op, value):
    return {"column": "id", "op": op, "value": value}


assert ids(filters=[at("=", 7)]) == [7]
assert ids(filters=[at("<", 3)]) == [0, 1, 2]
assert ids(filters=[at("<=", 3)]) == [0, 1, 2, 3]
assert ids(filters=[at(">", 997)]) == [998, 999]
assert ids(filters=[at(">=", 997)]) == [997, 998, 999]
assert len(ids(filters=[at("!=", 7)])) == 999
assert ids(filters=[{"column": "id", "op": "in", "values": [5, 1, 5000]}]) == [1, 5]
assert len(ids(filters=[{"column": "id", "op": "not in", "values": [5, 1]}])) == 998
assert ids(filters=[{"column": "name", "op": "starts with", "value": "number 99"}]) == [99, *range(990, 1000)]
assert len(ids(filters=[{"column": "name", "op": "not starts with", "value": "number 9"}])) == 1000 - 111
assert ids(filters=[{"column": "id", "op": "is null"}]) == []
assert len(ids(filters=[{"column": "id", "op": "is not null"}])) == 1000
# Conjuncts of the list, and trees.
assert ids(filters=[at(">=", 10), at("<", 12)]) == [10, 11]
assert ids(filters=[{"or": [at("=", 1), {"and": [at(">", 2), at("<", 4)]}]}]) == [1, 3]
# Large integers may be text.
assert ids(filters=[at("=", "7")]) == [7]

# A filter may name a column that is not returned, and the limit counts what passed it.
table = read(client, "numbers", config=CONFIG, columns=["name"], filters=[at(">=", 500)], limit=3)
assert table.to_pydict() == {"name": ["number 500", "number 501", "number 502"]}, table.to_pydict()

# The same command twice gives the same; a ticket can be redeemed twice while it lasts.
info = client.get_flight_info(command("numbers", config=CONFIG))
assert read_info(client, info) == read_info(client, info)

# The lesson tables: a nullable column's nulls, text found in files.
table = read(client, "lines")
assert sorted(row["city"] for row in table.to_pylist()) == ["Bergen", "Graz", "Porto", "Ulm"], table.to_pylist()
assert [row["city"] for row in read(client, "lines", filters=[{"column": "people", "op": "is null"}]).to_pylist()] == ["Ulm"]
paths = read(client, "files", columns=["path"]).column("path").to_pylist()
assert any("cities.csv" in one for one in paths), paths

# `random_data` is repeatable with a seed, typed as asked.
random = {"num_rows": 50, "columns": ["a", "b", "c"], "column_types": ["int", "date", "float"], "seed": 7}
first = read(client, "random_data", config=random)
assert [field.type for field in first.schema] == [pa.int64(), pa.date32(), pa.float64()], first.schema
assert first.num_rows == 50 and first == read(client, "random_data", config=random)

# A read that is cancelled or dropped leaves the server well.
reader = client.do_get(client.get_flight_info(command("numbers", config={"rows": 10_000_000})).endpoints[0].ticket)
reader.read_chunk()
reader.cancel()
del reader
assert ids(limit=1) == [0]

# A ticket that is not ours, or not as it was.
ticket = bytearray(info.endpoints[0].ticket.ticket)
ticket[len(ticket) // 2] ^= 1
for wrong in [bytes(ticket), b"", b"numbers", b"\x0a\x00"]:
    with refused(pa.ArrowInvalid, "ticket"):
        client.do_get(flight.Ticket(wrong)).read_all()
