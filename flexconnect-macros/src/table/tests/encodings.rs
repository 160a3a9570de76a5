//! Mistakes in the settings that choose an encoding.

use super::{check, check_field};

#[test]
fn encodings_fit_their_types() {
    check_field(
        "as = \"Int16\"",
        "Option<i64>",
        "\"Int16\"",
        "`i64` cannot be `Int16`, it can be `Int64`, `Date64`, `Timestamp`, `Time64`, `Duration`",
    );
    check_field(
        "as = \"Binary\"",
        "String",
        "\"Binary\"",
        "`String` cannot be `Binary`, it can be `Utf8`, `LargeUtf8`, `Utf8View`",
    );
    check_field(
        "as = \"Utf8\"",
        "Vec<u8>",
        "\"Utf8\"",
        "`bytes` cannot be `Utf8`, it can be `Binary`, `LargeBinary`, `BinaryView`, `FixedSizeBinary(n)`",
    );
    check_field(
        "as = \"FixedSizeBinary(x)\"",
        "Vec<u8>",
        "\"FixedSizeBinary(x)\"",
        "expected a length: `as = \"FixedSizeBinary(16)\"`",
    );
    check_field(
        "unit = \"ms\"",
        "i64",
        "\"ms\"",
        "a number becomes a time with `as = \"Timestamp\"`, `\"Time64\"` or `\"Duration\"`",
    );
    check_field("unit = \"ms\"", "Vec<String>", "\"ms\"", "`String` is not a date or time");
    check_field(
        "tz = \"Europe / Berlin\"",
        "SystemTime",
        "\"Europe / Berlin\"",
        "`Europe / Berlin` is not a time zone: expected `Europe/Berlin`, `UTC` or `+02:00`",
    );
    check_field(
        "as = \"Date32\", unit = \"ms\"",
        "i32",
        "\"ms\"",
        "`Date32` has no unit: `unit` is for times, timestamps and durations",
    );
    check_field(
        "as = \"Duration\", tz = \"UTC\"",
        "i64",
        "\"UTC\"",
        "`Duration` has no time zone: `tz` is for timestamps",
    );
    check_field(
        "as = \"Time32\"",
        "i32",
        "\"Time32\"",
        "`Time32` needs `unit = \"s\"` or `unit = \"ms\"`; `us` and `ns` are `Time64`",
    );
    check_field(
        "as = \"Time64\", unit = \"s\"",
        "i64",
        "\"Time64\"",
        "`Time64` has the unit `us` or `ns`; `s` and `ms` are `Time32`",
    );
    check_field(
        "list",
        "Vec<i64>",
        "list",
        "`list` is for bytes: a `Vec` of any other type is a list already",
    );
}

#[test]
fn decimals_have_digits() {
    check_field(
        "decimal",
        "i128",
        "decimal",
        "`decimal` takes digits and digits after the point: `decimal(18, 2)`",
    );
    check_field(
        "decimal(18)",
        "i128",
        "18",
        "`decimal` takes digits and digits after the point: `decimal(18, 2)`",
    );
    check_field("decimal(39, 2)", "i128", "39, 2", "a decimal has 1 to 38 digits, not 39");
    check_field("decimal(3, 4)", "i128", "3, 4", "of 3 digits, 4 cannot be after the point");
    check_field(
        "decimal(3, 2)",
        "f64",
        "decimal",
        "`decimal` is for integers: `i128`, `i64`, `i32`, `u64` or `u32`",
    );
    check_field(
        "decimal(3, 2), unit = \"s\"",
        "i128",
        "\"s\"",
        "a column with `decimal` has no other encoding",
    );
}

#[test]
fn defaults_of_the_struct_are_checked() {
    check(
        "#[table(strings = \"Binary\", timestamps = \"min\", lists = \"FixedSizeList(3)\")] struct Row {}",
        &[
            ("\"Binary\"", "`strings` cannot be `Binary`, it can be `Utf8`, `LargeUtf8`, `Utf8View`"),
            ("\"min\"", "unknown unit `min`, it can be `s`, `ms`, `us` or `ns`"),
            (
                "\"FixedSizeList(3)\"",
                "`lists` cannot be `FixedSizeList(3)`, it can be `List`, `LargeList`, `ListView`, `LargeListView`",
            ),
        ],
    );
    check(
        "#[table(view = \"not a type\")] struct Row { a: String }",
        &[("\"not a type\"", "`view` takes the name of a type: `view = \"RowRef\"`")],
    );
}

#[test]
fn layouts_are_for_containers() {
    check_field(
        "as = \"LargeList\"",
        "i64",
        "\"LargeList\"",
        "a layout of lists is for a `Vec`, a slice or an array",
    );
    check_field(
        "as = \"FixedSizeList(x)\"",
        "Vec<i64>",
        "\"FixedSizeList(x)\"",
        "expected a length: `as = \"FixedSizeList(3)\"`",
    );
    check_field(
        "item = \"element\"",
        "String",
        "\"element\"",
        "`item` is what the items of a list are called: a `Vec`, a slice or an array",
    );
    check_field("map", "HashMap<u8, u8>", "map", "`map` is for a `Vec` of pairs: `Vec<(K, V)>`");
    check_field(
        "keys_sorted",
        "HashMap<u8, u8>",
        "keys_sorted",
        "`keys_sorted` is for a `BTreeMap`, which keeps its keys in order",
    );
    check_field("names(\"a\")", "(u8, u8)", "names", "the tuple has 2 parts, and `names` has 1");
    check_field("names(\"a\", \"a\")", "T", "\"a\"", "`a` is given twice");
    check_field("names(a)", "T", "a", "expected a name: `\"a\"`");
    check_field("names(\"a\")", "i64", "names", "`names` is for tuples: it says what their parts are called");
    check_field("dictionary", "i64", "dictionary", "`dictionary` is for text and bytes");
    check_field(
        "dictionary = \"Utf8\"",
        "String",
        "\"Utf8\"",
        "`Utf8` cannot be a key, it can be `Int8`, `Int16`, `Int32`, `Int64`, `UInt8`, `UInt16`, `UInt32`, `UInt64`",
    );
    check_field(
        "dictionary, as = \"LargeUtf8\"",
        "String",
        "\"LargeUtf8\"",
        "a column with `dictionary` has no other encoding",
    );
    check_field("decimal(77, 2)", "i256", "77, 2", "a decimal has 1 to 76 digits, not 77");
    check_field("decimal(0, 0)", "i128", "0, 0", "a decimal has at least 1 digit");
}
