"""A read is ended by its reader, or by CancelFlightInfo, and prolonged by RenewFlightEndpoint."""

import datetime

import pyarrow as pa
import pyarrow.flight as flight
from gallery import command, connect, read, refused

CANCELLED, NOT_CANCELLABLE = b"\x08\x01", b"\x08\x03"

client = connect()


def request(message):
    """A protobuf message whose only field, the first one, is this message."""
    length, digits = len(message), bytearray()
    while length > 0x7F:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    return b"\x0a" + bytes(digits) + bytes([length]) + message


def act(name, message):
    (result,) = client.do_action(flight.Action(name, request(message.serialize())))
    return result.body.to_pybytes()


def cancel(info):
    return act("CancelFlightInfo", info)


long_read = command("numbers", config={"rows": 1_000_000_000})
info = client.get_flight_info(long_read)
assert cancel(info) == NOT_CANCELLABLE

readers = [client.do_get(endpoint.ticket) for endpoint in info.endpoints]
for reader in readers:
    assert reader.read_chunk().data.num_rows > 0
assert cancel(info) == CANCELLED
for reader in readers:
    with refused(flight.FlightCancelledError, "cancelled by CancelFlightInfo"):
        while True:
            reader.read_chunk()
assert cancel(info) == CANCELLED

# The tickets stay good, and a reader may end its own read.
reader = client.do_get(info.endpoints[0].ticket)
assert reader.read_chunk().data.num_rows > 0
reader.cancel()
with refused(flight.FlightCancelledError):
    while True:
        reader.read_chunk()

# An hour to begin, and more for whoever asks in time.
endpoint = info.endpoints[0]
left = endpoint.expiration_time.as_py() - datetime.datetime.now(datetime.timezone.utc)
assert datetime.timedelta(minutes=50) < left <= datetime.timedelta(minutes=61), left
renewed = flight.FlightEndpoint.deserialize(act("RenewFlightEndpoint", endpoint))
assert renewed.ticket != endpoint.ticket and renewed.expiration_time.as_py() >= endpoint.expiration_time.as_py()
assert client.do_get(renewed.ticket).read_chunk().data.num_rows > 0

with refused(pa.lib.ArrowKeyError, "none of this info's tickets"):
    cancel(flight.FlightInfo(info.schema, long_read, [flight.FlightEndpoint(b"another's", [])], -1, -1))

assert read(client, "numbers", limit=3).num_rows == 3
