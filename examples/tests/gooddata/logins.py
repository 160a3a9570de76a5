"""Calls that are refused because of who calls: this server says what the Python server says."""

import json
import os

import pyarrow as pa
import pyarrow.flight as flight
from caller import Caller, failure

TINY = flight.FlightDescriptor.for_command(b'{"functionName":"Tiny"}')
BEARER = "Authentication failed because the 'Authorization' header does not start with 'Bearer '"


def said(call):
    """The error of a call as pyarrow shows it, without what it tells of the connection, or that there was none."""
    try:
        call()
    except pa.ArrowException as error:
        return type(error).__name__, str(error).split(" gRPC client debug context")[0].rstrip(".")
    return None


def verbs(caller, headers):
    """What each verb comes to with these headers, also one that is not there."""
    options = caller.options(headers)
    return [
        said(lambda: list(caller.client.list_flights(b"", options))),
        said(lambda: caller.client.get_flight_info(TINY, options)),
        said(lambda: caller.client.do_get(caller.client.get_flight_info(TINY, options).endpoints[0].ticket, options).read_all()),
        said(lambda: list(caller.client.list_actions(options)))[0],
    ]


def refused(caller, headers):
    """A refusal of a login, in full: the same from every verb, with an ErrorInfo."""
    name, code, msg, _ = failure(lambda: caller.listing(headers))
    assert (name, code) == ("FlightUnauthenticatedError", 0), (name, code)
    error = f"{msg}. Detail: Unauthenticated"
    assert verbs(caller, headers)[:3] == [(name, error)] * 3, verbs(caller, headers)
    return msg


def pair(kind, header, value):
    callers = [Caller(os.environ[name + kind]).when_ready({header: value}) for name in ("OURS", "REFERENCE")]
    return callers


def same(callers, headers):
    ours, reference = (verbs(caller, headers) for caller in callers)
    assert ours == reference, f"{headers}\nthis server: {ours}\nthe Python server: {reference}"
    return ours


# `authorization`, in every form.
callers = pair("", "authorization", "Bearer t0k3n")
for value in ("Bearer t0k3n", "Bearer other", "Bearer   t0k3n  "):
    assert same(callers, {"authorization": value})[:3] == [None] * 3, value
wrong = ["bearer t0k3n", "BEARER t0k3n", "Basic t0k3n", "t0k3n", "Bearer", "", "Bearert0k3n"]
wrong += ["Bearer nope", "Bearer ", "Bearer t", "Bearer t0k3n other", "Bearer T0K3N"]
for value in wrong:
    answers = same(callers, {"authorization": value})
    assert all(answers), (value, answers)
    starts = value.startswith("Bearer ")
    assert refused(callers[0], {"authorization": value}) == ("Authentication token is not valid." if starts else BEARER)
for headers in ({}, {"x-foo": "t0k3n"}, [("authorization", "Bearer t0k3n")] * 2):
    assert all(same(callers, headers)), headers
    refused(callers[0], headers)

# A header of the operator's, whose whole value is the token.
callers = pair("_HEADER", "x-foo", "t0k3n")
assert same(callers, {"x-foo": " other "})[:3] == [None] * 3
for headers in ({}, {"x-foo": "Bearer t0k3n"}, {"x-foo": ""}, {"authorization": "Bearer t0k3n"}, [("x-foo", "t0k3n")] * 2):
    assert all(same(callers, headers)), headers
    assert "t0k3n" not in refused(callers[0], headers)

# What proved the caller ends at the door; the rest goes on.
command = flight.FlightDescriptor.for_command(b'{"functionName":"Echo"}')
options = callers[0].options({"x-foo": "t0k3n", "x-bar": "t"})
info = callers[0].client.get_flight_info(command, options)
seen = dict(zip(*callers[0].client.do_get(info.endpoints[0].ticket, options).read_all().to_pydict().values()))
assert "x-bar" in (headers := json.loads(seen["headers"])) and "x-foo" not in headers, headers
