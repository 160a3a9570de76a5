"""Writers and readers of one file at once; a writer that is killed leaves nothing."""

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.flight as flight
from gallery import path, put, refused
from shop import TARGET, read_table, rows, table_command, target

MIDWAY = "midway"


def numbers(first, count):
    return pa.table({"id": pa.array(range(first, first + count)), "name": [f"number {n}" for n in range(first, first + count)]})


if len(sys.argv) > 1:
    writer, _ = target().do_put(table_command(sys.argv[1]), numbers(0, 1).schema)
    for turn in range(1_000_000):
        writer.write_table(numbers(turn * 1000, 1000))
        if turn == 20:
            print(MIDWAY, flush=True)
        time.sleep(0.001)

client = target()


def killed(table):
    child = subprocess.Popen([sys.executable, __file__, table], stdout=subprocess.PIPE, text=True)
    line = child.stdout.readline().strip()
    assert line == MIDWAY, f"the writer got nowhere: {line!r}"
    child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL


# Neither a table that was to be made, nor rows of one that is there.
killed("new")
with refused(pa.ArrowKeyError, "no table"):
    client.get_flight_info(path("sqlite", "new"))
put(client, path("sqlite", "kept"), numbers(0, 10))
killed("kept")
for _ in range(10):
    assert read_table(client, "kept").num_rows == 10
    time.sleep(0.05)
put(client, path("sqlite", "kept"), numbers(10, 10))
assert rows(read_table(client, "kept")) == rows(numbers(0, 20))

# Two readers while a writer replaces all rows: each sees one whole state.
def replace():
    with target() as own:
        for generation in range(10):
            states = pa.table({"id": list(range(5000)), "generation": [generation] * 5000})
            put(own, table_command("states", mode="overwrite"), states)


def look():
    seen = []
    with target() as own:
        for _ in range(15):
            table = read_table(own, "states")
            (generation,) = set(table.column("generation").to_pylist())
            assert table.num_rows == 5000
            seen.append(generation)
    assert seen == sorted(seen), "what was committed stays"
    return seen


put(client, path("sqlite", "states"), pa.table({"id": list(range(5000)), "generation": [-1] * 5000}))
with ThreadPoolExecutor(3) as pool:
    writing, *looking = pool.submit(replace), pool.submit(look), pool.submit(look)
    for future in [writing, *looking]:
        future.result()
assert set(read_table(client, "states").column("generation").to_pylist()) == {9}

# Somebody else holds the file: said clearly, and over once it is free.
holder = sqlite3.connect(TARGET, isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
with refused(flight.FlightUnavailableError, "holds the file"):
    put(client, table_command("kept", config={"busy_timeout_ms": 200}), numbers(20, 1))
assert read_table(client, "kept").num_rows == 20, "readers are not held up"
holder.execute("COMMIT")
put(client, path("sqlite", "kept"), numbers(20, 1))
assert read_table(client, "kept").num_rows == 21
