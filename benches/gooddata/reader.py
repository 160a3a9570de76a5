"""Reads functions' results from the server at a port as GoodData's client does, behind the line protocol of
`../flight/process.rs`: rows, bytes and seconds of each."""

import json
import sys
import time

import pyarrow.flight as flight

client = flight.connect(f"grpc://localhost:{sys.argv[1]}")
print(0, flush=True)
for line in sys.stdin:
    function, rows = line.split()
    command = json.dumps({"functionName": function, "parameters": {"rows": int(rows)}})
    started = time.perf_counter()
    info = client.get_flight_info(flight.FlightDescriptor.for_command(command))
    came, size = 0, 0
    for chunk in client.do_get(info.endpoints[0].ticket):
        came += chunk.data.num_rows
        size += chunk.data.nbytes
    print(came, size, time.perf_counter() - started, flush=True)
