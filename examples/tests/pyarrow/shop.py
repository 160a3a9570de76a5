"""The database the SQLite scripts work on, and Python's own look at it."""

import json
import os
import sqlite3

import pyarrow.flight as flight
from gallery import connect, path, read_info

SOURCE, TARGET = os.environ["SOURCE_FILE"], os.environ["TARGET_FILE"]

SHOP = """
CREATE TABLE Artist (ArtistId INTEGER NOT NULL, Name NVARCHAR(120), CONSTRAINT PK_Artist PRIMARY KEY (ArtistId));
CREATE TABLE Album (AlbumId INTEGER NOT NULL PRIMARY KEY, Title NVARCHAR(160) NOT NULL, ArtistId INTEGER NOT NULL REFERENCES Artist (ArtistId));
CREATE TABLE Track (TrackId INTEGER NOT NULL PRIMARY KEY, Name NVARCHAR(200) NOT NULL, AlbumId INTEGER REFERENCES Album (AlbumId),
    Composer NVARCHAR(220) COLLATE NOCASE, Milliseconds INTEGER NOT NULL, Bytes INTEGER, UnitPrice NUMERIC(10,2) NOT NULL);
CREATE TABLE Invoice (InvoiceId INTEGER NOT NULL PRIMARY KEY, InvoiceDate DATETIME NOT NULL, BillingCity NVARCHAR(40), Total NUMERIC(10,2) NOT NULL);
CREATE TABLE PlaylistTrack (PlaylistId INTEGER NOT NULL, TrackId INTEGER NOT NULL, PRIMARY KEY (PlaylistId, TrackId));
CREATE TABLE Picture (Name TEXT PRIMARY KEY, Image BLOB, Note, Size NUMERIC) WITHOUT ROWID;
CREATE VIEW Catalogue AS SELECT Title, Name FROM Album JOIN Artist USING (ArtistId);
"""

COMPOSERS = [None, "Angus Young", "angus young", "Ärzte", "", "a'b", 'a"b', "a\0b", "Jobim; DROP TABLE Track", "\U0010ffff"]


def fill(database):
    database.executescript(SHOP)
    database.executemany("INSERT INTO Artist VALUES (?, ?)", [(n, None if n % 7 == 0 else f"artist {n}") for n in range(1, 51)])
    database.executemany("INSERT INTO Album VALUES (?, ?, ?)", [(n, f"album {n}", 1 + n % 50) for n in range(1, 101)])
    database.executemany(
        "INSERT INTO Track VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (n, f"track {n}", None if n % 11 == 0 else 1 + n % 100, COMPOSERS[n % 10], n * 1000, None if n % 5 == 0 else n << 40, [0.99, 1.99, 1, 2][n % 4])
            for n in range(1, 2001)
        ],
    )
    database.executemany(
        "INSERT INTO Invoice VALUES (?, ?, ?, ?)",
        [(n, f"20{n % 30:02}-0{1 + n % 9}-1{n % 10} 0{n % 10}:00:00", None if n % 3 == 0 else f"city {n % 8}", n / 4) for n in range(1, 401)],
    )
    database.executemany("INSERT INTO PlaylistTrack VALUES (?, ?)", [(1 + n % 8, n) for n in range(1, 801)])
    database.executemany(
        "INSERT INTO Picture VALUES (?, ?, ?, ?)", [("one", b"\x00\xff", 5, 1 << 60), ("two", b"", "five", -1), ("three", None, 0.5, None)]
    )


if not os.path.exists(SOURCE):
    with sqlite3.connect(SOURCE) as made:
        fill(made)


def judge(file=SOURCE):
    """Python's own connection."""
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def tables(database):
    return [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def table_command(table, **keys):
    return flight.FlightDescriptor.for_command(json.dumps({"path": ["sqlite", table], **keys}))


def target():
    return flight.connect(f"grpc://{os.environ['TARGET_ADDRESS']}")


def read_table(client, table, **keys):
    descriptor = table_command(table, **keys) if keys else path("sqlite", table)
    return read_info(client, client.get_flight_info(descriptor))


def rows(table):
    """An Arrow table's rows as tuples, in an order of their own."""
    return in_order(zip(*(column.to_pylist() for column in table.columns)))


def in_order(found):
    # `1` and `1.0` are equal, and have one place.
    def place(row):
        return repr([float(cell) if isinstance(cell, int) else cell for cell in row])

    return sorted(map(tuple, found), key=place)
