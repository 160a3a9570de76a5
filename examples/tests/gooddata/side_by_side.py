"""The same calls to this server and to the Python server: the same answers."""

import json
import os
import re
import sys
import traceback

import pyarrow as pa
import pyarrow.flight as flight
from caller import POLLABLE, Caller, eventually, failure, failure_or_none, polled

CASES = []
TASK = re.compile(r"[0-9a-f]{32}")


def case(observe):
    CASES.append(observe)
    return observe


def nameless(failed):
    """A failure without the name of its task, which is random."""
    name, code, msg, body = failed
    return name, code, TASK.sub("<task>", msg or ""), body is not None


def table(rows):
    return rows.schema.to_string(show_schema_metadata=True), rows.to_pydict()


@case
def listing(caller):
    return caller.listing()


@case
def info_of_an_invocation(caller):
    info = caller.invoke("Tiny")
    (endpoint,) = info.endpoints
    (location,) = endpoint.locations
    ticket = TASK.sub(b"<task>".decode(), endpoint.ticket.ticket.decode())
    scheme = location.uri.decode().split("://")[0]
    return info.descriptor.command, info.schema, info.total_records, info.total_bytes, ticket, scheme


@case
def the_command_comes_back_byte_for_byte(caller):
    command = b' { "functionName" : "Tiny" , "parameters" : null, "other" : 1 } \n'
    return caller.ask(command).descriptor.command == command


@case
def tables(caller):
    return [table(caller.call(function)) for function in ("Tiny", "Trim", "Messages", "SimpleFun1", "SimpleFun2")]


@case
def columns(caller):
    wanted = [["name", "id"], ["day"], [], None]
    infos = [caller.invoke("Trim", columns=columns) for columns in wanted]
    return [(info.schema, table(caller.rows(info))) for info in infos]


@case
def batches_come_as_they_were_made(caller):
    reader = caller.client.do_get(caller.invoke("TinyStream").endpoints[0].ticket)
    return [chunk.data.num_rows for chunk in reader]


@case
def a_stream_is_read_once(caller):
    info = caller.invoke("TinyStream")
    return table(caller.rows(info)), nameless(failure(lambda: caller.rows(info)))


@case
def a_stream_that_was_left_is_consumed(caller):
    info = caller.invoke("TinyStream")
    reader = caller.client.do_get(info.endpoints[0].ticket)
    reader.read_chunk()
    reader.cancel()
    eventually("it is consumed", lambda: failure(lambda: caller.rows(info))[1] == 8)


@case
def a_table_is_read_again(caller):
    info = caller.invoke("Tiny")
    return [table(caller.rows(info)) for _ in range(3)]


@case
def echo(caller):
    parameters = {"n": 2**63 - 1, "least": -(2**63), "more": 2**64 - 1, "beyond": 2**70, "text": "ä€", "nested": {"a": [1, None, 2.5, True]}, "columns": ["x"]}
    seen = caller.call("Echo", **parameters)

    seen = {what: json.loads(text) for what, text in zip(*seen.to_pydict().values())}
    return seen["parameters"], seen["columns"], "user-agent" in seen["headers"]


@case
def headers_reach_the_function(caller):

    headers = [(b"x-name", b"one value"), (b"x-twice", b"a, b"), (b"x-twice", b"c")]
    # Neither server asks for any.
    headers += [(b"authorization", b"Bearer x"), (b"cookie", b"a=1")]
    command = flight.FlightDescriptor.for_command(b'{"functionName":"Echo"}')
    info = caller.client.get_flight_info(command, flight.FlightCallOptions(headers=headers))
    seen = dict(zip(*caller.rows(info).to_pydict().values()))
    headers = json.loads(seen["headers"])
    return [headers[name] for name in ("x-name", "x-twice", "authorization", "cookie")]


@case
def headers_of_bytes_reach_the_function(caller):
    headers = [(b"x-raw-bin", bytes(range(256))), (b"x-raw-bin", b"two"), (b"x-comma-bin", b"a,b"), (b"x-none-bin", b"")]
    command = flight.FlightDescriptor.for_command(b'{"functionName":"Echo"}')
    info = caller.client.get_flight_info(command, flight.FlightCallOptions(headers=headers))
    seen = dict(zip(*caller.rows(info).to_pydict().values()))
    return {name: values for name, values in json.loads(seen["headers"]).items() if name.endswith("-bin")}


@case
def wrong_commands(caller):
    commands = [b"", b"nope", b"\xef\xbb\xbf{}", b"{}", b'{"functionName":null}', b'{"functionName":""}']
    commands += [b'{"functionName":"NoSuchFunction"}', b"r:f325dd21778b4a05923d6641c23cd409", b"c:1", b"[1,"]
    commands += [b'{"functionName":"Tiny","parameters":{"n":NaN}}', b'{"functionName":"Tiny"} // a note', b'{"functionName":"Tiny",}']
    return [nameless(failure(lambda: caller.ask(command))) for command in commands]


@case
def of_a_key_that_comes_twice_the_last_counts(caller):
    command = b'{"functionName":"Nope","functionName":"Echo","parameters":{"a":1},"parameters":{"b":{"c":1,"c":2}}}'
    seen = dict(zip(*caller.rows(caller.ask(command)).to_pydict().values()))
    return json.loads(seen["parameters"])


@case
def a_path_is_no_command(caller):
    return nameless(failure(lambda: caller.info(flight.FlightDescriptor.for_path("Tiny"))))


@case
def wrong_commands_of_who_polls(caller):
    commands = [b"", b"r:f325dd21778b4a05923d6641c23cd409", b"c:f325dd21778b4a05923d6641c23cd409"]
    return [nameless(failure(lambda: caller.ask(command, POLLABLE))) for command in commands]


@case
def parameters_that_are_nothing(caller):
    commands = [b'{"functionName":"Tiny","parameters":%s}' % nothing for nothing in (b"[]", b'""', b"0", b"false")]
    return [caller.ask(command).schema for command in commands]


@case
def wrong_tickets(caller):
    tickets = [b"nope", b"{}", b'{"task_id":""}', b'{"task_id":"0"}', b'{"task_id":"%s"}' % (b"0" * 32)]
    return [nameless(failure(lambda: caller.client.do_get(flight.Ticket(ticket)).read_all())) for ticket in tickets]


@case
def failures(caller):
    return [failure(lambda: caller.invoke("Fail", how=how))[:3] for how in ("value", "runtime", "long")]


@case
def statuses_of_the_function(caller):
    return [failure(lambda: caller.invoke("Fail", how=how))[0] for how in ("unauth", "internal")]


@case
def a_failure_in_the_stream_comes_after_its_rows(caller):
    reader = caller.client.do_get(caller.invoke("FailMidStream").endpoints[0].ticket)
    rows = reader.read_chunk().data.num_rows
    return rows, failure(reader.read_chunk)[0]


@case
def other_verbs(caller):
    calls = [
        lambda: list(caller.client.list_actions()),
        lambda: list(caller.client.do_action(flight.Action("x", b""))),
        lambda: caller.client.do_put(flight.FlightDescriptor.for_path("x"), pa.schema([]))[0].close(),
    ]
    return [failure(call)[0] for call in calls]


@case
def polling_to_the_end(caller):
    retry, _ = polled(caller, "PollableFun")
    info = caller.info(retry, POLLABLE)
    again = caller.info(retry, POLLABLE)
    assert info.endpoints[0].ticket == again.endpoints[0].ticket
    return info.descriptor.command, table(caller.rows(info))


@case
def what_is_done_at_once_needs_no_poll(caller):
    return table(caller.rows(caller.invoke("Tiny", {"x-quiver-pollable": "false"})))


@case
def polling_to_the_deadline(caller):
    retry, _ = polled(caller, "Slow", sleep_ms=8000)
    rounds = [65637]
    while rounds[-1] == 65637:
        failed = failure(lambda: caller.info(retry, POLLABLE))
        rounds.append(failed[1])
    return rounds, nameless(failed)


@case
def the_deadline_without_polling(caller):
    return nameless(failure(lambda: caller.invoke("Slow", sleep_ms=8000)))


@case
def cancelling_what_runs(caller):
    retry, cancel = polled(caller, "Slow", sleep_ms=8000)
    answer = nameless(failure(lambda: caller.info(cancel, POLLABLE)))
    after = eventually("it is cancelled", lambda: (code := nameless(failure(lambda: caller.info(retry, POLLABLE))))[1] == 6 and code)
    ticket = flight.Ticket(b'{"task_id":"%s"}' % retry.command[2:])
    return answer, after, nameless(failure(lambda: caller.client.do_get(ticket).read_all()))


@case
def cancelling_what_is_done(caller):
    retry, cancel = polled(caller, "PollableFun")
    info = caller.info(retry, POLLABLE)
    answer = nameless(failure(lambda: caller.info(cancel, POLLABLE)))
    again = nameless(failure(lambda: caller.info(cancel, POLLABLE)))
    after = nameless(failure(lambda: caller.info(retry, POLLABLE)))
    return answer, again, after, nameless(failure(lambda: caller.rows(info)))


@case
def a_failure_is_told_again(caller):
    answers = []
    for _ in range(2):
        answers.append(failure(lambda: caller.invoke("Fail", POLLABLE, how="value"))[:3])
    return answers


@case
def a_result_expires(caller):
    info = caller.invoke("Tiny")
    return nameless(eventually("it expires", lambda: failure_or_none(lambda: caller.rows(info))))


def observed(observe, address):
    try:
        return observe(Caller(address))
    except Exception:
        return traceback.format_exc()


for name in ("OURS", "REFERENCE"):
    if name in os.environ:
        Caller(os.environ[name]).when_ready()
wrong = 0
for observe in CASES:
    if sys.argv[1:] and observe.__name__ not in sys.argv[1:]:
        continue
    ours = observed(observe, os.environ["OURS"])
    reference = observed(observe, os.environ["REFERENCE"]) if "REFERENCE" in os.environ else ours
    if ours != reference or isinstance(ours, str):
        wrong += 1
        print(f"--- {observe.__name__}\nthis server:\n{ours}\nthe Python server:\n{reference}\n")
assert wrong == 0, f"{wrong} of {len(CASES)} are not the same"
