"""Every type comes out of DoGet as it went in, however a batch is cut on its way."""

import datetime
import decimal
import os

import pyarrow as pa
from gallery import ROOT, connect, path, read_info

# One value of each type, and a null beside it. The text is long enough for a view to have its bytes elsewhere.
TEXT = "a text that is longer than twelve bytes"
DAY = datetime.date(2024, 2, 29)
NOW = datetime.datetime(2024, 2, 29, 12, 30, 15, 123000)
LONG = datetime.timedelta(days=3, milliseconds=7)
CLOCK = datetime.time(12, 30, 15)
STRUCT = pa.struct([pa.field("n", pa.int32()), pa.field("t", pa.string(), metadata={"unit": "m"})])
WORDS = pa.dictionary(pa.int8(), pa.string())
TYPES = [
    *[(t, 7) for t in [pa.int8(), pa.int16(), pa.int32(), pa.int64()]],
    *[(t, 7) for t in [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]],
    *[(t, 1.5) for t in [pa.float32(), pa.float64()]],
    *[(pa.bool_(), True), (pa.null(), None)],
    *[(t, decimal.Decimal("12.34")) for t in [pa.decimal32(6, 2), pa.decimal64(12, 2), pa.decimal128(20, 2), pa.decimal256(50, 2)]],
    *[(pa.date32(), DAY), (pa.date64(), DAY)],
    *[(t, CLOCK) for t in [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]],
    *[(pa.timestamp(unit), NOW) for unit in ["ms", "us", "ns"]],
    *[(pa.timestamp("us", zone), NOW) for zone in ["UTC", "Europe/Berlin", "+02:00"]],
    *[(pa.duration(unit), LONG) for unit in ["ms", "us", "ns"]],
    (pa.month_day_nano_interval(), pa.MonthDayNano([1, 2, 3])),
    *[(t, TEXT) for t in [pa.string(), pa.large_string(), pa.string_view()]],
    *[(t, TEXT.encode()) for t in [pa.binary(), pa.large_binary(), pa.binary_view()]],
    (pa.binary(3), b"abc"),
    *[(t, [1, None, 3]) for t in [pa.list_(pa.int32()), pa.large_list(pa.int32()), pa.list_(pa.int32(), 3)]],
    *[(t, [TEXT, None]) for t in [pa.list_(pa.string_view()), pa.large_list(pa.large_string()), pa.list_(WORDS)]],
    *[(t, [1, None, 3]) for t in [pa.list_view(pa.int64()), pa.large_list_view(pa.int64())]],
    (pa.map_(pa.string(), pa.int32()), [("x", 1), ("y", None)]),
    (STRUCT, {"n": 1, "t": TEXT}),
    (pa.list_(STRUCT), [{"n": 1, "t": None}, None]),
    *[(WORDS, "word"), (pa.dictionary(pa.int32(), pa.int64()), 9)],
]


def column(type, value, rows):
    """The value, different where it can be, with nulls between."""
    values = [None if row % 5 == 3 else value for row in range(rows)]
    if pa.types.is_string(type):
        values = [value and f"{value} {row}" for row, value in enumerate(values)]
    if pa.types.is_int64(type):
        values = [value and row for row, value in enumerate(values)]
    return pa.array(values, type)


def unions(rows):
    ids = pa.array([row % 2 for row in range(rows)], pa.int8())
    numbers, texts = pa.array(range(rows), pa.int64()), pa.array([f"text {row}" for row in range(rows)])
    yield pa.UnionArray.from_sparse(ids, [numbers, texts])
    offsets = pa.array([row // 2 for row in range(rows)], pa.int32())
    yield pa.UnionArray.from_dense(ids, offsets, [numbers.slice(0, rows), texts.slice(0, rows)])


def batch(rows, words):
    columns = [column(type, value, rows) for type, value in TYPES]
    columns += unions(rows)
    columns.append(pa.RunEndEncodedArray.from_arrays(pa.array([rows // 2, rows], pa.int32()), pa.array(["one", None])))
    # Another dictionary in every batch.
    keys = pa.array([row % len(words) for row in range(rows)], pa.int16())
    columns.append(pa.DictionaryArray.from_arrays(keys, pa.array(words)))
    fields = [
        pa.field(f"c{at}_{column.type}", column.type, metadata={"at": str(at)}) for at, column in enumerate(columns)
    ]
    return pa.record_batch(columns, schema=pa.schema(fields, metadata={"about": "types"}))


# A batch that fits into a message, one that has to be cut, and one that begins in the middle of another.
large = batch(20_000, ["a", "b", "c"])
batches = [batch(10, ["a", "b"]), large, batch(10, ["z"]), large.slice(777, 15_000), batch(10, ["a"]).slice(0, 0)]
assert large.nbytes > 5 << 20, large.nbytes
sent = pa.Table.from_batches(batches)
with pa.ipc.new_stream(os.path.join(ROOT, "table.arrows"), sent.schema) as writer:
    for each in batches:
        writer.write_batch(each)

client = connect()
info = client.get_flight_info(path("arrow_file"))
assert info.schema.equals(sent.schema, check_metadata=True), info.schema
reader = client.do_get(info.endpoints[0].ticket)
assert reader.schema.equals(sent.schema, check_metadata=True), reader.schema
chunks = [chunk.data for chunk in reader]
assert len(chunks) > len(batches), len(chunks)
for chunk in chunks:
    chunk.validate(full=True)
came = pa.Table.from_batches(chunks, sent.schema)
assert came.num_rows == sent.num_rows
for name in sent.schema.names:
    assert came.column(name).to_pylist() == sent.column(name).to_pylist(), name

# Dictionaries stay dictionaries, a large one too, which comes in pieces.
values = pa.array([f"{value:0100}" for value in range(100_000)])
keys = pa.array([99_999, 0, None], pa.int32())
words = pa.record_batch({"word": pa.DictionaryArray.from_arrays(keys, values)})
with pa.ipc.new_stream(os.path.join(ROOT, "table.arrows"), words.schema) as writer:
    writer.write_batch(words)
    writer.write_batch(words)
came = read_info(client, client.get_flight_info(path("arrow_file")))
assert came.schema.equals(words.schema)
assert came.column("word").to_pylist() == 2 * words.column("word").to_pylist()
print(f"{len(TYPES) + 4} types, {len(chunks)} messages")
