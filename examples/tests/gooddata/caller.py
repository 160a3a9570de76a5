"""A FlexConnect server as GoodData's client calls it."""

import base64
import json
import time

import pyarrow.flight as flight

POLLABLE = {"x-quiver-pollable": "true"}


class Caller:
    """One connection, and what a call over it comes to."""

    def __init__(self, address, **tls):
        if tls:
            # The certificate is for this name.
            port = address.rsplit(":", 1)[1]
            self.client = flight.FlightClient(f"grpc+tls://localhost:{port}", **tls)
        else:
            self.client = flight.FlightClient(f"grpc://{address}")

    def when_ready(self, headers={}):
        """Itself, once the server has loaded its functions."""
        eventually("it is ready", lambda: failure_or_none(lambda: self.listing(headers)) is None, 90)
        return self

    def options(self, headers):
        return flight.FlightCallOptions(
            headers=[(name.encode(), value.encode()) for name, value in getattr(headers, "items", headers.__iter__)()]
        )

    def listing(self, headers={}):
        """The functions as they are listed: command, schema, and the rest."""
        infos = self.client.list_flights(b"", self.options(headers))
        return [(info.descriptor.command, info.schema, len(info.endpoints), info.total_records) for info in infos]

    def ask(self, command, headers={}):
        """GetFlightInfo of a command's bytes, or of a JSON value."""
        command = command if isinstance(command, bytes) else json.dumps(command).encode()
        return self.info(flight.FlightDescriptor.for_command(command), headers)

    def info(self, descriptor, headers={}):
        return self.client.get_flight_info(descriptor, self.options(headers))

    def invoke(self, function, headers={}, **parameters):
        return self.ask({"functionName": function, "parameters": parameters}, headers)

    def rows(self, info):
        """All rows of a result."""
        return self.client.do_get(info.endpoints[0].ticket).read_all()

    def call(self, function, **parameters):
        return self.rows(self.invoke(function, **parameters))


def failure(call):
    """What a call that fails says: its class, code, message, and its body."""
    try:
        given = call()
    except flight.FlightError as error:
        told = json.loads(error.extra_info) if error.extra_info else {}
        return type(error).__name__, told.get("code"), told.get("msg"), told.get("body")
    except Exception as error:
        return type(error).__name__, None, None, None
    raise AssertionError(f"it should have failed, and gave {given}")


def failure_or_none(call):
    """What a call that fails says, or nothing."""
    try:
        call()
    except flight.FlightError:
        return failure(call)
    return None


def go_on(body):
    """The descriptors of a poll's body: to retry, to cancel."""
    body = json.loads(base64.b64decode(body))
    assert body["flight_info"] is None and set(body) == {"flight_info", "retry_descriptor", "cancel_descriptor"}
    descriptors = [base64.b64decode(body[name]) for name in ("retry_descriptor", "cancel_descriptor")]
    return [flight.FlightDescriptor.deserialize(descriptor) for descriptor in descriptors]


def polled(caller, function, **parameters):
    """Begins a call that polls; gives the descriptors to retry and to cancel it."""
    name, code, msg, body = failure(lambda: caller.invoke(function, POLLABLE, **parameters))
    assert (name, code, msg) == ("FlightTimedOutError", 65637, "Work in progress. Retry."), (name, code, msg)
    return go_on(body)


def eventually(what, holds, seconds=30):
    """Waits until this holds, and gives what it gave."""
    end = time.monotonic() + seconds
    while not (held := holds()):
        assert time.monotonic() < end, f"{what}: it does not"
        time.sleep(0.05)
    return held
