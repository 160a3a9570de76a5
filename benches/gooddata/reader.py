"""Reads one function's result as GoodData's client does, and prints how many rows, bytes and seconds that was."""

import json
import sys
import time

import pyarrow.flight as flight

port, function, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = flight.connect(f"grpc://localhost:{port}")
command = json.dumps({"functionName": function, "parameters": {"rows": rows}})
started = time.perf_counter()
info = client.get_flight_info(flight.FlightDescriptor.for_command(command))
came, size = 0, 0
for chunk in client.do_get(info.endpoints[0].ticket):
    came += chunk.data.num_rows
    size += chunk.data.nbytes
print(came, size, time.perf_counter() - started)
