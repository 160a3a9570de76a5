"""Who calls, over TLS: tokens, logins, certificates, and ports that speak something else."""

import json
import os
import pathlib

import pyarrow.flight as flight

folder = pathlib.Path(os.environ["CERTIFICATES"])
port = {name: os.environ[name].rsplit(":", 1)[1] for name in ["KNOWN", "CERTIFIED", "PLAIN"]}
authority = (folder / "ca.crt").read_bytes()


def connect(server, **options):
    return flight.connect(f"grpc+tls://localhost:{port[server]}", tls_root_certs=authority, **options)


def read(client, table, headers=(), **config):
    options = flight.FlightCallOptions(headers=list(headers), timeout=30)
    command = json.dumps({"connector": table, "config": config})
    info = client.get_flight_info(flight.FlightDescriptor.for_command(command), options)
    return client.do_get(info.endpoints[0].ticket, options).read_all()


def raises(kind, work, part=""):
    try:
        work()
    except kind as error:
        assert part in str(error), error
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


def who(table):
    seen = dict(zip(table["name"].to_pylist(), table["value"].to_pylist()))
    assert "authorization" not in seen, seen
    return seen["caller"]


# A token.
client = connect("KNOWN")
token = (b"authorization", b"Bearer t0k3n")
assert who(read(client, "whoami", [token])) == "reports"
assert read(client, "random_data", [token], num_rows=10).num_rows == 10
listed = [info.descriptor.path[0].decode() for info in client.list_flights(b"", flight.FlightCallOptions(headers=[token]))]
assert listed == ["whoami", "random_data"], listed
raises(flight.FlightUnauthorizedError, lambda: read(client, "files", [token]), "may not read")
for wrong in [[], [(b"authorization", b"Bearer other")], [(b"authorization", b"t0k3n")]]:
    raises(flight.FlightUnauthenticatedError, lambda: read(client, "whoami", wrong))
    raises(flight.FlightUnauthenticatedError, lambda: list(client.list_flights(b"", flight.FlightCallOptions(headers=wrong))))
    raises(flight.FlightUnauthenticatedError, lambda: list(client.do_action("x", flight.FlightCallOptions(headers=wrong))))
    raises(flight.FlightUnauthenticatedError, lambda: client.list_actions(flight.FlightCallOptions(headers=wrong)))

# A login.
login = client.authenticate_basic_token("ann", "p4ssword")
assert login[0] == b"authorization" and login[1].startswith(b"Bearer "), login[0]
assert b"ann" not in login[1]
assert who(read(client, "whoami", [login])) == "ann"
assert read(client, "files", [login]).num_rows >= 3
raises(flight.FlightUnauthenticatedError, lambda: client.authenticate_basic_token("ann", "wrong"), "password is wrong")
changed = login[1][:-4] + b"AAAA"
raises(flight.FlightUnauthenticatedError, lambda: read(client, "whoami", [(login[0], changed)]), "log in again")

# A certificate.
identity = {"cert_chain": (folder / "client.crt").read_bytes(), "private_key": (folder / "client.key").read_bytes()}
assert who(read(connect("CERTIFIED", **identity), "whoami")) == "dashboards"
raises(flight.FlightUnavailableError, lambda: read(connect("CERTIFIED"), "whoami"))

# Nobody is trusted by chance.
stranger = flight.connect(f"grpc+tls://localhost:{port['KNOWN']}")
raises(flight.FlightUnavailableError, lambda: read(stranger, "whoami", [token]))

# Ports that speak something else say so, and nobody hangs.
plain = flight.connect(f"grpc://localhost:{port['KNOWN']}")
print(raises(flight.FlightUnavailableError, lambda: read(plain, "whoami", [token]), "this port speaks TLS"))
private = connect("PLAIN")
print(raises(flight.FlightUnavailableError, lambda: read(private, "numbers")))
