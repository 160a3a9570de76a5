"""pyarrow's server and client, which are those of Arrow C++, behind the line protocol of `process.rs`."""

import sys
import time

import pyarrow as pa
import pyarrow.flight as flight

BATCH_ROWS = 65_536
DISTINCT = 16
ROW_BYTES = 44
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),
        pa.field("amount", pa.int64(), False),
        pa.field("price", pa.float64(), False),
        pa.field("name", pa.string(), False),
        pa.field("day", pa.date32(), False),
    ]
)


def batch(number):
    ids = range(number * BATCH_ROWS, (number + 1) * BATCH_ROWS)
    columns = [
        pa.array(ids, pa.int64()),
        pa.array([(i * 0x5851F42D) & 0x7FFFFFFFFFFFFFFF for i in ids], pa.int64()),
        pa.array([i * 0.25 for i in ids], pa.float64()),
        pa.array([f"name{i:08}" for i in ids], pa.string()),
        pa.array([i % 20_000 for i in ids], pa.int32()).cast(pa.date32()),
    ]
    return pa.record_batch(columns, schema=SCHEMA)


class Server(flight.FlightServerBase):
    def __init__(self, rows):
        super().__init__("grpc://127.0.0.1:0")
        count = -(-rows // BATCH_ROWS)
        distinct = [batch(number) for number in range(min(DISTINCT, count))]
        batches = [distinct[at % DISTINCT] for at in range(count)]
        batches[-1] = batches[-1].slice(0, rows - (count - 1) * BATCH_ROWS)
        self.tables = {
            b"prebuilt": pa.Table.from_batches(batches, SCHEMA),
            b"three": pa.Table.from_batches([distinct[0].slice(0, 3)], SCHEMA),
        }

    def get_flight_info(self, context, descriptor):
        endpoint = flight.FlightEndpoint(descriptor.path[0], [])
        return flight.FlightInfo(SCHEMA, descriptor, [endpoint], -1, -1)

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.tables[ticket.ticket])


def serve(rows):
    server = Server(rows)
    print(server.port, flush=True)
    for _ in sys.stdin:
        print(time.process_time(), flush=True)
    server.shutdown()


def read(client, table):
    info = client.get_flight_info(flight.FlightDescriptor.for_path(table))
    return sum(chunk.data.num_rows for endpoint in info.endpoints for chunk in client.do_get(endpoint.ticket))


def client():
    connected = {}
    print(0, flush=True)
    for line in sys.stdin:
        what, port, table = line.split()
        if port not in connected:
            connected[port] = flight.connect(f"grpc://127.0.0.1:{port}")
        started, cpu = time.perf_counter(), time.process_time()
        rows = read(connected[port], table)
        took, used = time.perf_counter() - started, time.process_time() - cpu
        print(rows, rows * ROW_BYTES, took, used, flush=True)


if __name__ == "__main__":
    serve(int(sys.argv[2])) if sys.argv[1] == "serve" else client()
