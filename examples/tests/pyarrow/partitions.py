"""Partitions: one endpoint each, disjoint, complete, readable alone, in any order, at once and again."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from gallery import action, command, connect, raw_command, read, read_info, refused

client = connect()
CONFIG = {"rows": 100_003}

listed = action(client, "flexconnect.partitions", {"connector": "numbers", "config": CONFIG})
assert listed["version"] == 1
partitions = listed["partitions"]
assert len(partitions) == 4, listed
assert sum(partition["rows"] for partition in partitions) == 100_003, listed

# By id, each alone: as many rows as announced, and together every row once.
seen = []
for partition in partitions:
    asked = command("numbers", config=CONFIG, partition=partition["id"])
    info = client.get_flight_info(asked)
    assert len(info.endpoints) == 1 and info.total_records == partition["rows"], (partition, info.total_records)
    found = read_info(client, info).column("id").to_pylist()
    assert len(found) == partition["rows"]
    seen += found
assert sorted(seen) == list(range(100_003))

# A limit within one partition.
assert read(client, "numbers", config=CONFIG, partition=partitions[2]["id"], limit=5).num_rows == 5

# The endpoints are the partitions: read at once, each on a connection of its own, last first.
info = client.get_flight_info(command("numbers", config=CONFIG))
assert len(info.endpoints) == 4 and info.total_records == 100_003


def alone(endpoint):
    with connect() as own:
        return own.do_get(endpoint.ticket).read_all().column("id").to_pylist()


with ThreadPoolExecutor(4) as pool:
    parts = list(pool.map(alone, reversed(info.endpoints)))
assert [len(part) for part in reversed(parts)] == [partition["rows"] for partition in partitions]
assert sorted(number for part in parts for number in part) == list(range(100_003))

# Fewer rows than partitions: empty ones still have a schema.
assert read(client, "numbers", config={"rows": 2}).column("id").to_pylist() == [0, 1]
assert read(client, "numbers", config={"rows": 0}).num_rows == 0

# A partition that is not there is named.
with refused(pa.lib.ArrowKeyError, "nowhere"):
    read(client, "numbers", partition="nowhere")
with refused(pa.ArrowInvalid, "partition"):
    client.get_flight_info(raw_command('{"connector": "numbers", "partition": 2}'))
