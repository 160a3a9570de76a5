"""ListFlights names every table, and says of each what GetFlightInfo says."""

import pyarrow as pa
from gallery import NUMBERS, connect, path, refused

client = connect()
listed = {tuple(part.decode() for part in info.descriptor.path): info for info in client.list_flights()}
TABLES = ["arrow_file", "files", "lines", "numbers", "random_data", "rest_api", "rest_resource", "sink"]
assert set(listed) == {(name,) for name in TABLES}, set(listed)

for name in ["files", "numbers", "random_data", "sink"]:
    entry, info = listed[(name,)], client.get_flight_info(path(name))
    assert entry.descriptor == info.descriptor, name
    assert entry.schema.equals(info.schema, check_metadata=True), (name, entry.schema, info.schema)

assert listed[("numbers",)].schema.remove_metadata().equals(NUMBERS)
assert listed[("sink",)].schema.remove_metadata().equals(NUMBERS)
assert listed[("random_data",)].schema.names == ["col1", "col2", "col3"]
# Listing reads no rows, so columns that are found from rows are not known yet: none, but a schema all the same.
assert listed[("lines",)].schema == pa.schema([]), listed[("lines",)].schema

# An expression is a filter of a kind we do not have: refused, never ignored.
with refused(pa.ArrowInvalid):
    list(client.list_flights(b"name = 'numbers'"))
