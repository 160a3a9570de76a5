"""What cannot be done is said in words: what is wrong, where, and how to mend it."""

import pyarrow as pa
import pyarrow.flight as flight
from gallery import action, command, connect, numbers, path, put, put_all, raw_command, read, refused, sink_rows

client = connect()
NOT_FOUND, NOT_OFFERED = pa.lib.ArrowKeyError, pa.ArrowNotImplementedError


def info(text):
    return client.get_flight_info(raw_command(text))


# Tables.
with refused(NOT_FOUND, "number", "numbers"):
    client.get_flight_info(path("number"))
with refused(NOT_FOUND, "nothing/like/it"):
    client.get_flight_info(path("nothing", "like", "it"))
with refused(NOT_FOUND, "nobody"):
    client.get_schema(command("nobody"))
with refused(NOT_FOUND, "nobody"):
    put(client, path("nobody"), numbers(0, 1))
with refused(NOT_FOUND):
    # A path is compared exactly: a slash is an ordinary character.
    client.get_flight_info(path("/numbers"))

# Descriptors.
with refused(pa.ArrowInvalid):
    client.get_flight_info(path())
with refused(pa.ArrowInvalid):
    client.get_flight_info(path(*["deep"] * 33))
with refused(pa.ArrowInvalid):
    client.get_flight_info(path("x" * 1025))
with refused(pa.ArrowInvalid):
    client.get_flight_info(path("nul\0inside"))
with refused(pa.ArrowInvalid, "65536"):
    info('{"connector": "numbers"' + " " * 70_000 + "}")

# The JSON of a command.
with refused(pa.ArrowInvalid, "json"):
    info('{"connector": "numbers"')
with refused(pa.ArrowInvalid, "json"):
    info("numbers")
with refused(pa.ArrowInvalid):
    info("")
with refused(pa.ArrowInvalid, "connector", "path"):
    info("{}")
with refused(pa.ArrowInvalid, "connector", "path"):
    info('{"connector": "numbers", "path": ["numbers"]}')
with refused(pa.ArrowInvalid, "limt", "limit"):
    info('{"connector": "numbers", "limt": 5}')
with refused(pa.ArrowInvalid, "limit"):
    info('{"connector": "numbers", "limit": -1}')
with refused(pa.ArrowInvalid, "limit"):
    info('{"connector": "numbers", "limit": "5"}')
with refused(pa.ArrowInvalid, "columns"):
    info('{"connector": "numbers", "columns": "id"}')
with refused(pa.ArrowInvalid, "mode"):
    put_all(client, numbers(0, 1), mode="replace")

# Columns and filters.
with refused(pa.ArrowInvalid, "nam", "name"):
    read(client, "numbers", columns=["nam"])
with refused(pa.ArrowInvalid, "id"):
    read(client, "numbers", columns=["id", "id"])
with refused(pa.ArrowInvalid, "idd", "id"):
    read(client, "numbers", filters=[{"column": "idd", "op": "=", "value": 1}])
with refused(pa.ArrowInvalid, "op"):
    read(client, "numbers", filters=[{"column": "id", "op": "==", "value": 1}])
with refused(pa.ArrowInvalid, "id"):
    read(client, "numbers", filters=[{"column": "id", "op": "=", "value": "seven"}])
with refused(pa.ArrowInvalid, "is null"):
    read(client, "numbers", filters=[{"column": "id", "op": "=", "value": None}])

# Configuration: all faults in one answer, each with its parameter.
with refused(pa.ArrowInvalid, "rows"):
    read(client, "numbers", config={"rows": -1})
with refused(pa.ArrowInvalid, "rows"):
    read(client, "numbers", config={"rows": "many"})
with refused(pa.ArrowInvalid, "row", "rows"):
    read(client, "numbers", config={"row": 1})
with refused(pa.ArrowInvalid, "num_rows", "columns", "sed", "seed"):
    read(client, "random_data", config={"num_rows": -1, "columns": 7, "sed": 1})
with refused(pa.ArrowInvalid, "integer"):
    read(client, "random_data", config={"columns": ["a"], "column_types": ["integer"]})
with refused(pa.ArrowInvalid, "column"):
    read(client, "random_data", config={"columns": ["a"], "column_types": ["int", "date"]})

# The operator's values are the operator's.
with refused(pa.ArrowInvalid, "root"):
    read(client, "files", config={"root": "/"})
with refused(pa.ArrowInvalid, "below"):
    read(client, "files", config={"below": "../.."})

# What a table, or this server, does not offer.
with refused(NOT_OFFERED, "numbers"):
    put(client, path("numbers"), numbers(0, 1))
with refused(NOT_OFFERED, "upsert"):
    put_all(client, numbers(0, 1), mode="upsert")
with refused(NOT_OFFERED, "delete"):
    put_all(client, numbers(0, 1), mode="delete")
with refused(NOT_OFFERED, "flexconnect.drop", "ListActions"):
    list(client.do_action(flight.Action("flexconnect.drop", b"")))
with refused(pa.ArrowInvalid):
    list(client.do_action(flight.Action("flexconnect.describe", b"not json")))
with refused(NOT_FOUND, "nobody"):
    action(client, "flexconnect.describe", {"connector": "nobody"})
with refused(NOT_OFFERED):
    client.authenticate_basic_token("ada", "secret")
with refused(NOT_OFFERED):
    writer, _ = client.do_exchange(path("numbers"))
    writer.begin(numbers(0, 1).schema)
    writer.close()
# Flight SQL: an `Any` whose type is one of its commands.
sql_type = b"type.googleapis.com/arrow.flight.protocol.sql.CommandGetTables"
with refused(NOT_OFFERED, "sql"):
    client.get_flight_info(flight.FlightDescriptor.for_command(b"\x0a" + bytes([len(sql_type)]) + sql_type))

# After all of it the server is well, and nothing was written.
assert read(client, "numbers", limit=1).num_rows == 1
assert sink_rows(client) == 0
