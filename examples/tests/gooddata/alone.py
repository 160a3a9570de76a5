"""What GoodData's client gets of this server, word for word."""

import json
import os
import time

import pyarrow as pa
import pyarrow.flight as flight
from caller import POLLABLE, Caller, eventually, failure, go_on, polled

def is_gone(info):
    """Whether the result of this info has expired."""
    try:
        caller.rows(info)
    except flight.FlightServerError as error:
        return b'"code":4' in error.extra_info


caller = Caller(os.environ["OURS"]).when_ready()
TINY = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("amount", pa.float64()), ("ok", pa.bool_()), ("day", pa.date32())]
)
ALL = {"id": [1, 2, 3], "name": ["a", "b", None], "amount": [1.5, 2.5, 3.5], "ok": [True, False, True]}

# The listing, byte for byte.
listing = caller.listing()
assert listing[0] == (b'{"functionName":"Tiny","metadata":{"owner":"conformance","n":1}}', TINY, 0, -1), listing[0]
assert listing[1][0] == b'{"functionName":"Trim","metadata":null}'
names = "Tiny Trim TinyStream Slow Fail FailMidStream Echo Messages BigTable BigStream BigStreamCached"
assert len(listing) == 15 and [command.split(b'"')[3].decode() for command, *_ in listing[:11]] == names.split()

# An invocation; keys that mean nothing to the function are no error.
info = caller.invoke("Tiny", anything={"at": "all"}, executionContext={"executionType": "REPORT"})
(endpoint,) = info.endpoints
assert endpoint.locations == [flight.Location(os.environ["LOCATION"])], endpoint.locations
assert len(endpoint.ticket.ticket) == 46 and (info.total_records, info.total_bytes) == (-1, -1)
rows = caller.rows(info)
assert rows.drop_columns("day").to_pydict() == ALL and rows.schema == info.schema == TINY
assert caller.client.get_schema(flight.FlightDescriptor.for_command(b'{"functionName":"Tiny"}')).schema == TINY

# Columns are trimmed for functions that ignore them, and unknown ones are ignored; Echo wants all.
assert caller.call("Tiny", columns=["ok", "nope", "id", "ok"]).schema.names == ["ok", "id"]
assert caller.call("Tiny", columns=["nope"]).schema.names == caller.call("Tiny", columns=[]).schema.names == TINY.names
assert caller.call("Echo", columns=["json"]).schema.names == ["what", "json"]
message = b'[{"source":"Messages","correlation_id":"123","type":"info","data":{"extra":"data"}}]'
info = caller.invoke("Messages")
assert info.schema.metadata == caller.rows(info).schema.metadata == {b"x-gdc-data-source-messages": message}

# Every code, read back through extra_info.
user, failed = "FlightServerError", "There was an error while running task: "
for how, expected in {
    "value": (user, 1, "bad value"),
    "runtime": (user, 5, failed + "something broke"),
    "unauth": ("FlightUnauthenticatedError", 0, "who are you?"),
    "long": (user, 1, "x" * 256 + " [truncated]"),
}.items():
    assert failure(lambda: caller.invoke("Fail", how=how))[:3] == expected, how
assert failure(lambda: caller.invoke("Fail", how="internal"))[:2] == ("FlightInternalError", 131572)
name, code, msg, _ = failure(lambda: caller.invoke("Fail", how="nonsense"))
assert (name, code) == (user, 1) and "`how` must be one of" in msg, msg
assert failure(lambda: caller.invoke("Fail"))[1] == failure(lambda: caller.invoke("Slow", sleep_ms="x"))[1] == 1
missing = "0" * 32
gone = f"Unable to serve data for task '{missing}'. The task result is not present."
ticket = flight.Ticket(b'{"task_id":"%s"}' % missing.encode())
assert failure(lambda: caller.client.do_get(ticket).read_all())[:3] == (user, 4, gone)
for command in (b"[]", b"7", b'{"functionName":7}', b'{"functionName":"Tiny","parameters":["a"]}'):
    assert failure(lambda: caller.ask(command))[1] == 1, command

# Rows before an error come before it, and the error has its code; that was the one reading there is.
info = caller.invoke("FailMidStream")
reader = caller.client.do_get(info.endpoints[0].ticket)
assert reader.read_chunk().data.num_rows == 3
assert failure(reader.read_chunk)[:3] == (user, 5, failed + "the source broke after its first batch")
assert failure(lambda: caller.rows(info))[1] == 8

# Polling: to the end, to the deadline, and cancelled at each state.
retry, cancel = polled(caller, "PollableFun")
assert caller.rows(caller.info(retry, POLLABLE)).num_rows == 3
started = time.monotonic()
retry, cancel = polled(caller, "Slow", sleep_ms=20_000)
rounds = 1
while (told := failure(lambda: caller.info(retry, POLLABLE)))[1] == 65637:
    assert go_on(told[3]) == [retry, cancel]
    rounds += 1
task = retry.command[2:].decode()
assert told[:3] == ("FlightTimedOutError", 100, f"GetFlightInfo timed out while waiting for task {task}."), told
assert rounds >= 5 and 3 <= time.monotonic() - started < 15, (rounds, time.monotonic() - started)
cancelled = f"FlexConnect function invocation was cancelled. Invocation task was: '{task}'."
after = lambda: failure(lambda: caller.info(retry, POLLABLE))[:3]
eventually("it is cancelled", lambda: after() == (user, 6, cancelled))

# A call that nobody waits for any more ends with its connection, and its deadline with the timer.
impatient = flight.FlightCallOptions(timeout=0.3)
command = flight.FlightDescriptor.for_command(b'{"functionName":"Slow","parameters":{"sleep_ms":20000}}')
assert failure(lambda: caller.client.get_flight_info(command, impatient))[0] == "FlightTimedOutError"

# A large table is held because its author says so, a stream is not, and both come as they were made.
ROWS = 600_000
held = caller.invoke("BigTable", rows=ROWS)
big = caller.rows(held)
assert big.equals(caller.rows(held)) and big.num_rows == ROWS
assert [chunk.num_rows for chunk in big.to_batches()] == [524_288] + [32_768] * 2 + [10_176]
assert big["a"].to_pylist() == list(range(ROWS))
assert big["b"].to_pylist() == [7 * i % 1_000_003 for i in range(ROWS)]
assert big["c"].to_pylist() == [i / 2 for i in range(ROWS)]
assert big["s"].to_pylist() == [f"{i:012}" for i in range(ROWS)]
assert big["d"].cast("int32").to_pylist() == [i % 20_000 for i in range(ROWS)]
for function in ("BigStream", "BigStreamCached"):
    info = caller.invoke(function, rows=ROWS)
    assert caller.rows(info).equals(big) and failure(lambda: caller.rows(info))[1] == 8

# Who reads the result of a task that is cancelled is told so.
reading = caller.invoke("BigTable", rows=5_000_000)
reader = caller.client.do_get(reading.endpoints[0].ticket)
reader.read_chunk()
task = json.loads(reading.endpoints[0].ticket.ticket)["task_id"]
assert failure(lambda: caller.info(flight.FlightDescriptor.for_command(f"c:{task}"), POLLABLE))[1] == 6
cancelled = f"FlexConnect function invocation was cancelled. Invocation task was: '{task}'."
assert (told := failure(reader.read_all)[:3]) == (user, 6, cancelled), told

# A result that is being read outlives its time; one that is not does not.
reading, idle = caller.invoke("BigTable", rows=5_000_000), caller.invoke("Tiny")
reader = caller.client.do_get(reading.endpoints[0].ticket)
first = reader.read_chunk().data.num_rows
eventually("a result expires", lambda: is_gone(idle), 60)
assert first + sum(chunk.data.num_rows for chunk in reader) == 5_000_000
