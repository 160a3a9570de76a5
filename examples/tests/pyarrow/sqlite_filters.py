"""Filters and limits give the rows that SQL gives, over a few hundred predicates."""

import random

from gallery import connect
from shop import judge, quoted, read_table

client, database = connect(), judge()
random.seed(20)

TABLES = {
    "Track": {"TrackId": "integer", "AlbumId": "integer", "Name": "text", "Composer": "text", "Milliseconds": "integer", "Bytes": "integer", "UnitPrice": "number"},
    "Invoice": {"InvoiceId": "integer", "InvoiceDate": "mixed", "BillingCity": "text", "Total": "number"},
}
SIGNS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def sample(table, column):
    values = database.execute(f"SELECT {quoted(column)} FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL ORDER BY random() LIMIT 40")
    return [value for (value,) in values]


SAMPLES = {(table, column): sample(table, column) for table, columns in TABLES.items() for column in columns}


def literal(table, column, kind):
    value = random.choice(SAMPLES[table, column])
    if kind == "integer":
        return random.choice([value, value, value + 1, -value, 0, 1.0, 2**53 + 1, -(2**63), 2**63 - 1])
    if kind == "number":
        return random.choice([value, value, value + 0.5, -value, 0, 1, 1e300, -0.0])
    return random.choice([value, value, value.upper(), value.lower(), value[:3], value + " ", "", "a'b", "2010"])


def compared(column, kind):
    # Text by its bytes, whatever the collation says, and never as the number it looks like.
    return {"integer": quoted(column), "number": quoted(column), "text": f"{quoted(column)} COLLATE BINARY", "mixed": f"CAST({quoted(column)} AS TEXT)"}[kind]


def leaf(table):
    """A filter, and the same in SQL with its values."""
    column, kind = random.choice(list(TABLES[table].items()))
    name = compared(column, kind)
    match random.randrange(8):
        case 0:
            return {"column": column, "op": "is null"}, f"{name} IS NULL", []
        case 1:
            return {"column": column, "op": "is not null"}, f"{name} IS NOT NULL", []
        case 2:
            values = [literal(table, column, kind) for _ in range(random.randrange(1, 5))]
            places = ", ".join("?" * len(values))
            op = random.choice(["in", "not in"])
            return {"column": column, "op": op, "values": values}, f"{name} {op.upper()} ({places})", values
        case 3 if kind in ("text", "mixed"):
            prefix = literal(table, column, kind)[:4]
            op, sign = random.choice([("starts with", "="), ("not starts with", "<>")])
            return {"column": column, "op": op, "value": prefix}, f"substr({name}, 1, {len(prefix)}) COLLATE BINARY {sign} ?", [prefix]
        case _:
            op = random.choice(list(SIGNS))
            value = literal(table, column, kind)
            return {"column": column, "op": op, "value": value}, f"{name} {SIGNS[op]} ?", [value]


def tree(table, depth):
    if depth == 0 or random.random() < 0.4:
        return leaf(table)
    parts = [tree(table, depth - 1) for _ in range(random.randrange(1, 4))]
    join = random.choice(["and", "or"])
    sql = "(" + f" {join.upper()} ".join(sql for _, sql, _ in parts) + ")"
    return {join: [filter for filter, _, _ in parts]}, sql, [value for _, _, values in parts for value in values]


def has_no_nul(values):
    # What `substr` makes of text with a NUL is not what a prefix is.
    return not any(isinstance(value, str) and "\0" in value for value in values)


SIZES = {table: database.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0] for table in TABLES}
counted = filtered = 0
for turn in range(400):
    table = random.choice(list(TABLES))
    key = next(iter(TABLES[table]))
    parts = [tree(table, 2) for _ in range(random.randrange(1, 3))]
    condition = " AND ".join(sql for _, sql, _ in parts)
    values = [value for _, _, values in parts for value in values]
    if not has_no_nul(values):
        continue
    everything = [key for (key,) in database.execute(f"SELECT {quoted(key)} FROM {quoted(table)} WHERE {condition} ORDER BY 1", values)]
    filters = [filter for filter, _, _ in parts]
    found = read_table(client, table, columns=[key], filters=filters)
    assert sorted(found.column(0).to_pylist()) == everything, (table, filters)
    limit = random.choice([0, 1, 3, 1000])
    limited = read_table(client, table, columns=[key], filters=filters, limit=limit).column(0).to_pylist()
    assert len(limited) == min(limit, len(everything)) and set(limited) <= set(everything), (table, filters, limit)
    counted += 1
    filtered += 0 < len(everything) < SIZES[table]
assert counted >= 300 and filtered >= 100, (counted, filtered)
print(f"{counted} predicates, {filtered} of them select some rows and not others")
