"""GetFlightInfo and GetSchema: by path and by command, endpoints, totals, one schema everywhere."""

import pyarrow as pa
from gallery import NUMBERS, command, connect, path

client = connect()

# By path, with the defaults.
info = client.get_flight_info(path("numbers"))
assert info.descriptor == path("numbers")
assert info.schema.remove_metadata().equals(NUMBERS), info.schema
assert len(info.endpoints) == 4
assert info.total_records == 1_000_000
# No location: the ticket is for the connection it came by, which survives proxies and port forwards.
assert all(endpoint.locations == [] for endpoint in info.endpoints)
assert all(len(endpoint.ticket.ticket) > 32 for endpoint in info.endpoints)
assert not any(b"numbers" in endpoint.ticket.ticket for endpoint in info.endpoints), "tickets are sealed"

# By command; the descriptor comes back as it was sent.
asked = command("numbers", config={"rows": 10})
info = client.get_flight_info(asked)
assert info.descriptor == asked
assert info.total_records == 10
assert len(info.endpoints) == 4

# A limited read has one endpoint, so that all endpoints together never give more.
for limit, total in [(0, 0), (7, 7), (10, 10), (11, 10)]:
    info = client.get_flight_info(command("numbers", config={"rows": 10}, limit=limit))
    assert len(info.endpoints) == 1, (limit, info.endpoints)
    assert info.total_records == total, (limit, info.total_records)
    assert client.do_get(info.endpoints[0].ticket).read_all().num_rows == total, limit

# With a filter the rows are not known without reading: -1, never a guess.
info = client.get_flight_info(command("numbers", filters=[{"column": "id", "op": ">=", "value": 5}]))
assert info.total_records == -1, info.total_records

# One schema: GetSchema, GetFlightInfo and the first message of DoGet, metadata included.
for asked in [
    path("files"),
    path("lines"),
    path("numbers"),
    path("random_data"),
    path("sink"),
    command("numbers", columns=["name"]),
    command("numbers", columns=["name", "id"], limit=3),
    command("numbers", columns=[]),
    command("random_data", config={"columns": ["a", "b", "c"], "column_types": ["int", "date", "float"]}),
]:
    info = client.get_flight_info(asked)
    assert client.get_schema(asked).schema.equals(info.schema, check_metadata=True), asked
    for endpoint in info.endpoints:
        reader = client.do_get(endpoint.ticket)
        assert reader.schema.equals(info.schema, check_metadata=True), (asked, reader.schema, info.schema)
        reader.cancel()

# What was inferred is in the ticket: a read gives what its plan announced.
info = client.get_flight_info(path("lines"))
assert len(info.schema) > 0, info.schema
# The fixture: a CSV file and a JSON-lines file with the same columns.
assert info.schema.field("city").type == pa.utf8(), info.schema
assert info.schema.field("people").type == pa.int64(), info.schema
