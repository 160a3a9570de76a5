"""A writer that is killed midway (SIGKILL, no farewell) leaves nothing, whether or not it would have committed."""

import signal
import subprocess
import sys
import time

from gallery import command, connect, numbers, put_all, sink_rows

MIDWAY = "midway"


def write_until_killed(keys):
    writer, _ = connect().do_put(command("sink", **keys), numbers(0, 1).schema)
    batch = numbers(0, 10_000).to_batches()[0]
    for turn in range(1_000_000):
        writer.write_batch(batch)
        if turn == 20:
            print(MIDWAY, flush=True)
        time.sleep(0.001)


def killed_midway(mode):
    child = subprocess.Popen([sys.executable, __file__, mode], stdout=subprocess.PIPE, text=True)
    try:
        line = child.stdout.readline().strip()
        assert line == MIDWAY, f"the writer got nowhere: {line!r}"
    finally:
        child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL


if len(sys.argv) > 1:
    write_until_killed({"mode": "overwrite", "commit": "explicit"} if sys.argv[1] == "explicit" else {"mode": sys.argv[1]})

client = connect()
put_all(client, numbers(0, 5))
for mode in ["append", "overwrite", "explicit"]:
    killed_midway(mode)
    # The server learns of it when the kernel resets the connection: at once, but not within the kill. Nothing
    # may appear later either.
    for _ in range(10):
        assert sink_rows(client) == 5, f"{mode}: rows of a killed writer were kept"
        time.sleep(0.1)

# Nothing is locked up: the next write goes through.
assert put_all(client, numbers(5, 5))["rows"] == 5
assert sink_rows(client) == 10
