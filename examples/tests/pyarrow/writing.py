"""DoPut to `sink`: append and overwrite, exact counts, columns by name."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from gallery import NUMBERS, command, connect, numbers, path, put, put_all, read, refused, sink_rows

client = connect()
assert sink_rows(client) == 0

# By path: append. The answer comes after the commit and counts.
answer = put(client, path("sink"), numbers(0, 1000))
assert answer["rows"] == 1000 and answer["bytes"] > 1000 * 8, answer
assert sink_rows(client) == 1000
assert put_all(client, numbers(1000, 500), mode="append")["rows"] == 500
assert sink_rows(client) == 1500
assert read(client, "sink").column("id").to_pylist() == list(range(1500))

# Overwrite: these rows and no others.
assert put_all(client, numbers(7, 3), mode="overwrite")["rows"] == 3
assert read(client, "sink").to_pydict() == {"id": [7, 8, 9], "name": ["number 7", "number 8", "number 9"]}

# In many batches, with the count checked before the commit.
writer, answers = client.do_put(command("sink", mode="overwrite", rows=100_000), NUMBERS)
with writer:
    for batch in numbers(0, 100_000).to_batches(max_chunksize=777):
        writer.write_batch(batch)
    writer.done_writing()
    assert answers.read() is not None
    assert answers.read() is None, "one answer, then the end"
assert sink_rows(client) == 100_000

# One large batch.
assert put_all(client, numbers(0, 300_000), mode="overwrite")["rows"] == 300_000
assert sink_rows(client) == 300_000

# No row at all is a write too.
assert put_all(client, numbers(0, 0), mode="append")["rows"] == 0
assert sink_rows(client) == 300_000
assert put_all(client, numbers(0, 0), mode="overwrite")["rows"] == 0
assert sink_rows(client) == 0

# Columns are matched by name, in any order, and nullable ones are taken while they hold no null: every pyarrow
# table is like that. Metadata is nobody's business.
plain = pa.table({"name": ["b", "a"], "id": [2, 1]}).replace_schema_metadata({"made": "here"})
assert put_all(client, plain)["rows"] == 2
assert read(client, "sink").to_pydict() == {"id": [2, 1], "name": ["b", "a"]}

# A null is refused with its column and its row, and nothing of the write is kept.
with refused(pa.ArrowInvalid, "name", "row 1"):
    put_all(client, pa.table({"id": [3, 4], "name": ["c", None]}))
assert sink_rows(client) == 2

# What numbers gives, sink takes: a copy through the client.
copied = read(client, "numbers", config={"rows": 5000})
assert put_all(client, copied, mode="overwrite", rows=5000)["rows"] == 5000
assert read(client, "sink").equals(copied)

# A number of rows that does not hold is no commit.
with refused(pa.ArrowInvalid, "10", "11"):
    put_all(client, numbers(0, 10), mode="overwrite", rows=11)
assert sink_rows(client) == 5000

# Sixteen writers at once: appends do not mix, none is lost.

def append(first):
    with connect() as own:
        return put_all(own, numbers(first * 1000, 1000))["rows"]


put_all(client, numbers(0, 0), mode="overwrite")
with ThreadPoolExecutor(16) as pool:
    assert list(pool.map(append, range(16))) == [1000] * 16
assert sorted(read(client, "sink").column("id").to_pylist()) == list(range(16_000))
