"""The functions of the example `gooddata_functions`, written for the Python server."""

import datetime
import json
import threading

import numpy
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.flight as flight
from gooddata_flexconnect import DataSourceMessage, FlexConnectFunction, add_data_source_messages_metadata

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("amount", pa.float64()),
        ("ok", pa.bool_()),
        ("day", pa.date32()),
    ]
)
TABLE = pa.table(
    {
        "id": [1, 2, 3],
        "name": ["a", "b", None],
        "amount": [1.5, 2.5, 3.5],
        "ok": [True, False, True],
        "day": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None],
    },
    schema=SCHEMA,
)


class Tiny(FlexConnectFunction):
    Name = "Tiny"
    Schema = SCHEMA
    Metadata = {"owner": "conformance", "n": 1}

    def call(self, parameters, columns, headers):
        return TABLE


class Trim(FlexConnectFunction):
    Name = "Trim"
    Schema = SCHEMA

    def call(self, parameters, columns, headers):
        return TABLE.select(list(columns)) if columns else TABLE


class TinyStream(FlexConnectFunction):
    Name = "TinyStream"
    Schema = SCHEMA

    def call(self, parameters, columns, headers):
        rows = [TABLE.slice(row, 1).to_batches()[0] for row in range(3)]
        return pa.RecordBatchReader.from_batches(SCHEMA, iter(rows))


class Slow(FlexConnectFunction):
    Name = "Slow"
    Schema = SCHEMA

    def __init__(self):
        super().__init__()
        self.cancelled = threading.Event()

    def call(self, parameters, columns, headers):
        self.cancelled.wait(parameters.get("sleep_ms", 3000) / 1000)
        return TABLE

    def cancel(self):
        self.cancelled.set()
        return True


class Fail(FlexConnectFunction):
    Name = "Fail"
    Schema = SCHEMA

    def call(self, parameters, columns, headers):
        how = parameters.get("how")
        if how == "value":
            raise ValueError("bad value")
        if how == "runtime":
            raise RuntimeError("something broke")
        if how == "unauth":
            raise flight.FlightUnauthenticatedError("who are you?")
        if how == "internal":
            raise flight.FlightInternalError("asked to panic")
        if how == "long":
            raise ValueError("x" * 5000)
        raise ValueError(f"how is {how}")


class FailMidStream(FlexConnectFunction):
    Name = "FailMidStream"
    Schema = SCHEMA

    def call(self, parameters, columns, headers):
        def rows():
            yield TABLE.to_batches()[0]
            raise RuntimeError("the source broke after its first batch")

        return pa.RecordBatchReader.from_batches(SCHEMA, rows())


class Echo(FlexConnectFunction):
    Name = "Echo"
    Schema = pa.schema([("what", pa.string()), ("json", pa.string())])

    def call(self, parameters, columns, headers):
        seen = {"parameters": parameters, "columns": columns, "headers": headers}
        # JSON has no bytes: each is a letter here.
        texts = [json.dumps(value, default=lambda value: value.decode("latin-1")) for value in seen.values()]
        return pa.table({"what": list(seen), "json": texts}, schema=self.Schema)


class Messages(FlexConnectFunction):
    Name = "Messages"
    Schema = SCHEMA

    def call(self, parameters, columns, headers):
        message = DataSourceMessage(
            correlation_id="123", source="Messages", type="info", data={"extra": "data"}
        )
        return TABLE.replace_schema_metadata(add_data_source_messages_metadata([message]))


BIG = pa.schema(
    [("a", pa.int64()), ("b", pa.int64()), ("c", pa.float64()), ("s", pa.string()), ("d", pa.date32())]
)


def big_batches(rows, step=65_536):
    for start in range(0, rows, step):
        i = numpy.arange(start, min(rows, start + step), dtype=numpy.int64)
        columns = [
            pa.array(i),
            pa.array(7 * i % 1_000_003),
            pa.array(i / 2.0),
            pc.utf8_lpad(pc.cast(pa.array(i), pa.string()), 12, "0"),
            pa.array((i % 20_000).astype(numpy.int32)).cast(pa.date32()),
        ]
        yield pa.record_batch(columns, schema=BIG)


class BigTable(FlexConnectFunction):
    Name = "BigTable"
    Schema = BIG

    def call(self, parameters, columns, headers):
        return pa.Table.from_batches(big_batches(parameters.get("rows", 10_000_000)), schema=BIG)


class BigStream(FlexConnectFunction):
    Name = "BigStream"
    Schema = BIG

    def call(self, parameters, columns, headers):
        rows = big_batches(parameters.get("rows", 10_000_000))
        return pa.RecordBatchReader.from_batches(BIG, rows)


KEPT = {}


class BigStreamCached(FlexConnectFunction):
    Name = "BigStreamCached"
    Schema = BIG

    def call(self, parameters, columns, headers):
        rows = parameters.get("rows", 10_000_000)
        if rows not in KEPT:
            KEPT[rows] = list(big_batches(rows))
        return pa.RecordBatchReader.from_batches(BIG, iter(KEPT[rows]))


SIMPLE = pa.schema([("col1", pa.int64()), ("col2", pa.string()), ("col3", pa.bool_())])


class Simple:
    takes = 0.0

    def call(self, parameters, columns, headers):
        threading.Event().wait(self.takes)
        rows = {"col1": [1, 2, 3], "col2": ["a", "b", "c"], "col3": [True, False, True]}
        return pa.table(rows, schema=SIMPLE)


class SimpleFun1(Simple, FlexConnectFunction):
    Name = "SimpleFun1"
    Schema = SIMPLE


class SimpleFun2(Simple, FlexConnectFunction):
    Name = "SimpleFun2"
    Schema = SIMPLE


class LongRunningFun(Simple, FlexConnectFunction):
    Name = "LongRunningFun"
    Schema = SIMPLE
    takes = 2.0


class PollableFun(Simple, FlexConnectFunction):
    Name = "PollableFun"
    Schema = SIMPLE
    takes = 0.7
