"""Explicit commit: only a writer that says so at its end is kept.

pyarrow half-closes the stream when a writer is dropped, and when an exception leaves its `with` block. On the wire both look like
success, so a writer that must be all or nothing asks for `"commit": "explicit"`.
"""

import json

import pyarrow as pa
from gallery import NUMBERS, command, connect, numbers, put_all, refused, sink_rows

client = connect()
put_all(client, numbers(0, 5))
COMMIT = json.dumps({"commit": True}).encode()


def begin(**keys):
    return client.do_put(command("sink", commit="explicit", **keys), NUMBERS)


# With the last word: kept.
writer, answers = begin(rows=10)
with writer:
    writer.write_table(numbers(5, 10))
    writer.write_metadata(COMMIT)
    writer.done_writing()
    assert json.loads(answers.read().to_pybytes())["rows"] == 10
assert sink_rows(client) == 15

# Without it: refused, and nothing is kept.
with refused(pa.ArrowInvalid, "ended without commit, nothing was kept"):
    writer, answers = begin()
    writer.write_table(numbers(0, 10))
    writer.done_writing()
    answers.read()
    writer.close()
assert sink_rows(client) == 15

# Left by an exception within `with`: the user's own error, or the server's refusal; nothing is kept.
try:
    writer, answers = begin(mode="overwrite")
    with writer:
        writer.write_table(numbers(0, 10))
        raise RuntimeError("the program failed midway")
except (RuntimeError, pa.ArrowInvalid) as error:
    print("ended by:", error)
assert sink_rows(client) == 15

# Dropped: pyarrow ends the stream in silence; nothing is kept.
writer, answers = begin(mode="overwrite")
writer.write_table(numbers(0, 10))
del writer, answers
assert sink_rows(client) == 15

# The word must be the last, and must be that word.
for last in [b'{"commit": false}', b'{"commit": "yes"}', b"commit", b"{}"]:
    with refused(pa.ArrowInvalid):
        writer, answers = begin()
        writer.write_table(numbers(0, 10))
        writer.write_metadata(last)
        writer.done_writing()
        answers.read()
        writer.close()
    assert sink_rows(client) == 15, last
with refused(pa.ArrowInvalid):
    writer, answers = begin()
    writer.write_metadata(COMMIT)
    writer.write_table(numbers(0, 10))
    writer.done_writing()
    answers.read()
    writer.close()
assert sink_rows(client) == 15

# The count is checked before the commit.
with refused(pa.ArrowInvalid, "10", "11"):
    writer, answers = begin(rows=11)
    writer.write_table(numbers(0, 10))
    writer.write_metadata(COMMIT)
    writer.done_writing()
    answers.read()
    writer.close()
assert sink_rows(client) == 15

# A token that the table cannot honour is refused, not ignored.
with refused(pa.ArrowNotImplementedError, "idempotency_token"):
    put_all(client, numbers(0, 1), idempotency_token="one")
with refused(pa.ArrowInvalid, "commit"):
    put_all(client, numbers(0, 1), commit="maybe")
assert sink_rows(client) == 15

# A commit of nothing.
writer, answers = begin(mode="overwrite", rows=0)
with writer:
    writer.write_metadata(COMMIT)
    writer.done_writing()
    assert json.loads(answers.read().to_pybytes())["rows"] == 0
assert sink_rows(client) == 0
