"""The server's memory stays flat over a long read, and over a read whose reader is slow."""

import os
import time

from gallery import command, connect, resident_kib

ROWS = int(os.environ.get("GALLERY_READ_ROWS", "5000000"))
# Room for the windows of the connections, the batches on their way and what the allocator keeps; far below the data.
ALLOWED_KIB = 32 * 1024

client = connect()


def drain(rows):
    seen = total = 0
    for endpoint in client.get_flight_info(command("numbers", config={"rows": rows})).endpoints:
        for chunk in client.do_get(endpoint.ticket):
            seen += chunk.data.num_rows
            total += chunk.data.nbytes
    assert seen == rows, (seen, rows)
    return total


# The first reads bring the pools and buffers to their size.
drain(200_000)
before = resident_kib()
started = time.monotonic()
data = drain(ROWS)
took = time.monotonic() - started
after, most = resident_kib(), resident_kib("VmHWM")
print(
    f"{ROWS:,} rows, {data / 2**20:,.0f} MiB of Arrow data in {took:.1f} s; server resident before {before / 1024:.1f} MiB, "
    f"after {after / 1024:.1f} MiB, at most {most / 1024:.1f} MiB"
)
assert data / 1024 > 2 * ALLOWED_KIB, "too little data to tell"
assert most - before < ALLOWED_KIB, f"memory grew by {most - before} KiB"

# A reader that takes one batch and then waits: the source must wait with it.
reader = client.do_get(client.get_flight_info(command("numbers", config={"rows": 1_000_000_000}, limit=900_000_000)).endpoints[0].ticket)
reader.read_chunk()
time.sleep(1.0)
waiting = resident_kib()
print(f"with a waiting reader: {waiting / 1024:.1f} MiB")
assert waiting - before < ALLOWED_KIB, f"memory grew by {waiting - before} KiB while the reader waited"
reader.cancel()
