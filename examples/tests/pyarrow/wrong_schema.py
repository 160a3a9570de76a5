"""A write whose columns are not the table's: every missing, extra and different one is named at once."""

import pyarrow as pa
from gallery import connect, numbers, path, put, put_all, refused, sink_rows

client = connect()
put_all(client, numbers(0, 3))

with refused(pa.ArrowInvalid, "name", "color", "size", "id", "utf8", "int64"):
    # `id` is of another type, `name` is missing, `color` and `size` are extra.
    put(client, path("sink"), pa.table({"id": ["1"], "color": ["red"], "size": [1]}))
with refused(pa.ArrowInvalid, "name"):
    put(client, path("sink"), pa.table({"id": [1]}))
with refused(pa.ArrowInvalid, "extra"):
    put(client, path("sink"), pa.table({"id": [1], "name": ["a"], "extra": [1]}))
with refused(pa.ArrowInvalid, "id"):
    put(client, path("sink"), pa.table({"id": [1.5], "name": ["a"]}))
with refused(pa.ArrowInvalid, "id"):
    put(client, path("sink"), pa.table([[1], [2], ["a"]], names=["id", "id", "name"]))
with refused(pa.ArrowInvalid, "id", "name"):
    put(client, path("sink"), pa.table({}))

assert sink_rows(client) == 3
