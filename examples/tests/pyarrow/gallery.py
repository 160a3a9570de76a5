"""What the scripts share: where the gallery is, how it is asked, what a refusal looks like."""

import contextlib
import json
import os

import pyarrow as pa
import pyarrow.flight as flight

ADDRESS = os.environ["GALLERY_ADDRESS"]
PROCESS = os.environ["GALLERY_PROCESS"]
ROOT = os.environ["GALLERY_ROOT"]

NUMBERS = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("name", pa.utf8(), nullable=False)])


def connect():
    return flight.connect(f"grpc://{ADDRESS}")


def path(*components):
    return flight.FlightDescriptor.for_path(*components)


def command(connector, **keys):
    return raw_command(json.dumps({"connector": connector, **keys}))


def raw_command(text):
    return flight.FlightDescriptor.for_command(text)


def read(client, connector, **keys):
    """All endpoints of one command, in order, as one table."""
    info = client.get_flight_info(command(connector, **keys))
    return read_info(client, info)


def read_info(client, info):
    return pa.concat_tables([client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints])


def numbers(first, count):
    """A table that `sink` takes."""
    ids = range(first, first + count)
    return pa.table([pa.array(ids, pa.int64()), pa.array([f"number {n}" for n in ids])], schema=NUMBERS)


def put(client, descriptor, table):
    """Writes a table; gives what the server answered."""
    writer, answers = client.do_put(descriptor, table.schema)
    with writer:
        writer.write_table(table)
        writer.done_writing()
        answer = answers.read()
    return json.loads(answer.to_pybytes())


def put_all(client, table, **keys):
    return put(client, command("sink", **keys), table)


def sink_rows(client):
    """How many rows the sink holds, by reading them and by asking for the count."""
    info = client.get_flight_info(path("sink"))
    rows = read_info(client, info).num_rows
    assert info.total_records == rows, (info.total_records, rows)
    return rows


def action(client, name, body):
    """One action's only answer, as JSON."""
    (result,) = client.do_action(flight.Action(name, json.dumps(body).encode()))
    return json.loads(result.body.to_pybytes())


def resident_kib(field="VmRSS"):
    """The server's memory, as Linux counts it; `VmHWM` is the most it ever had."""
    with open(f"/proc/{PROCESS}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise AssertionError(f"no {field} for process {PROCESS}")


@contextlib.contextmanager
def refused(kind, *words):
    """The block must raise exactly this kind of error, with all these words in its message."""
    try:
        yield
    except Exception as error:
        assert type(error) is kind, f"expected {kind.__name__}, got {type(error).__name__}: {error}"
        message = str(error)
        for word in words:
            assert word.lower() in message.lower(), f"`{word}` is not in: {message}"
        print(f"refused as it should be: {message.splitlines()[0][:300]}")
    else:
        raise AssertionError(f"not refused, expected {kind.__name__} with {words}")
