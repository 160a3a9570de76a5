"""Over TLS, and where clients have certificates of their own: this server as the Python server."""

import os
import pathlib

import pyarrow.flight as flight
from caller import POLLABLE, Caller, eventually, failure, polled

FOLDER = pathlib.Path(os.environ["CERTIFICATES"])
STRANGERS = pathlib.Path(os.environ["STRANGERS"])
TRUST = {"tls_root_certs": (FOLDER / "ca.crt").read_bytes()}


def identity(folder):
    return {"cert_chain": (folder / "client.crt").read_bytes(), "private_key": (folder / "client.key").read_bytes()}


def location(caller):
    """Where the result of an invocation is."""
    ((uri,),) = [[location.uri for location in endpoint.locations] for endpoint in caller.invoke("Tiny").endpoints]
    return uri.decode()


def served(address, **tls):
    """All that a client needs, over this connection."""
    caller = Caller(address, **tls).when_ready()
    assert location(caller) == f"grpc+tls://localhost:{address.rsplit(':', 1)[1]}", location(caller)
    listed = [command for command, *_ in caller.listing()]
    errors = [failure(lambda: caller.invoke("Fail", how=how))[:3] for how in ("value", "runtime", "long")]
    errors.append(failure(lambda: caller.client.do_get(flight.Ticket(b"nope")).read_all())[:3])
    retry, cancel = polled(caller, "PollableFun")
    rows = caller.rows(caller.info(retry, POLLABLE))
    errors.append(failure(lambda: caller.info(cancel, POLLABLE))[:3])
    # The location is one that can be connected to, as the certificate says.
    there = flight.FlightClient(location(caller), **tls)
    big = there.do_get(caller.invoke("BigTable", rows=200_000).endpoints[0].ticket).read_all()
    return listed, errors, rows, caller.call("Tiny"), big


def nobody(address, **tls):
    """A call over a connection that cannot be made."""
    return failure(lambda: Caller(address, **tls).listing())[0]


def same(what, kind=""):
    ours, reference = (what(os.environ[name + kind]) for name in ("OURS", "REFERENCE"))
    assert ours == reference, f"this server: {ours}\nthe Python server: {reference}"
    return ours


# The authority is known: everything works, and every error has its ErrorInfo.
_, errors, *_ = same(lambda address: served(address, **TRUST))
assert [code for _, code, _ in errors] == [1, 5, 1, 1, 6], errors

# Another authority, none but the system's, and no TLS at all.
unavailable = "FlightUnavailableError"
other = {"tls_root_certs": (STRANGERS / "ca.crt").read_bytes()}
assert same(lambda address: nobody(address, **other)) == unavailable
assert same(lambda address: nobody(address, override_hostname="localhost")) == unavailable
assert same(nobody) == unavailable

# Clients with certificates of their own.
same(lambda address: served(address, **TRUST, **identity(FOLDER)), "_MUTUAL")
assert same(lambda address: nobody(address, **TRUST), "_MUTUAL") == unavailable
assert same(lambda address: nobody(address, **TRUST, **identity(STRANGERS)), "_MUTUAL") == unavailable
assert same(lambda address: nobody(address, **other, **identity(FOLDER)), "_MUTUAL") == unavailable
