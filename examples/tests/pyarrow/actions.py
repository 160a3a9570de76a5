"""The actions: exactly those that are listed, each answering JSON of version 1."""

from gallery import action, connect

client = connect()

offered = {offer.type: offer.description for offer in client.list_actions()}
ours = {"flexconnect.describe", "flexconnect.check", "flexconnect.partitions"}
assert ours <= set(offered), offered
assert all(offered.values()), offered

# What a form, or a person, needs to know of a table.
described = action(client, "flexconnect.describe", {"connector": "random_data"})
assert described["version"] == 1
text = str(described)
for word in ["Random Data Generator", "num_rows", "Number of Rows", "column_types", "seed"]:
    assert word in text, word

# An operator's value is not for clients, neither to set nor to see.
described = action(client, "flexconnect.describe", {"path": ["files"]})
names = {parameter["name"] for parameter in described["parameters"]}
assert "below" in names and "root" not in names, names
assert set(described["config_schema"]["properties"]) == names, described["config_schema"]

described = action(client, "flexconnect.describe", {"connector": "sink"})
assert "append" in str(described) and "overwrite" in str(described) and "upsert" not in str(described), described

for name in ["files", "lines", "numbers", "random_data", "sink"]:
    checked = action(client, "flexconnect.check", {"connector": name})
    assert checked["version"] == 1, checked

parts = action(client, "flexconnect.partitions", {"connector": "numbers", "config": {"rows": 8}})
assert parts["version"] == 1 and [part["rows"] for part in parts["partitions"]] == [2, 2, 2, 2], parts
