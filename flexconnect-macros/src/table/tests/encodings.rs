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
    check_field(
        "decimal(39, 2)",
        "i128",
        "39, 2",
        "a decimal of an integer has 1 to 38 digits, not 39: `decimal256` has more",
    );
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
        "a layout of lists is for a `Vec`, a slice, an array or a map",
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
    check_field("dictionary", "f64", "dictionary", "`dictionary` is for text, bytes and integers");
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

#[test]
fn decimals_have_widths() {
    check_field("decimal32(10, 2)", "i64", "10, 2", "a decimal32 has 1 to 9 digits, not 10");
    check_field("decimal64(19, 2)", "T", "19, 2", "a decimal64 has 1 to 18 digits, not 19");
    check_field("decimal128(39, 2)", "T", "39, 2", "a decimal128 has 1 to 38 digits, not 39");
    check_field(
        "decimal32",
        "i64",
        "decimal32",
        "`decimal32` takes digits and digits after the point: `decimal32(9, 2)`",
    );
    check_field("decimal32(9, 2), decimal(9, 2)", "i64", "decimal", "the field says `decimal32` already");
    check_field(
        "decimal256(76, 0)",
        "bool",
        "decimal256",
        "`decimal256` is for integers: `i128`, `i64`, `i32`, `u64` or `u32`",
    );
    check_field(
        "decimal(9, 2), round",
        "i64",
        "round",
        "an integer counts units of the last digit, so there is nothing to `round`",
    );
    check_field("round", "Decimal", "round", "`round` goes with a decimal: `decimal(18, 2), round`");
    check(
        "struct Row { #[column(decimal(40, 2), round)] a: BigDecimal, #[column(decimal256(9, 2))] b: Option<u128> }",
        &[],
    );
}

#[test]
fn times_can_be_cut_and_keep_their_offset() {
    check_field(
        "truncate",
        "String",
        "truncate",
        "`truncate` is for dates and times, which it lets lose what is finer than their unit",
    );
    check_field(
        "truncate",
        "i64",
        "truncate",
        "a number becomes a time with `as = \"Timestamp\"`, `\"Time64\"` or `\"Duration\"`",
    );
    check_field("truncate = 3", "T", "3", "`truncate` stands alone, it takes no value");
    let offset = "`offset` is for instants that have one: `DateTime<FixedOffset>`, `OffsetDateTime`, `Zoned`";
    check_field("offset", "Option<i64>", "offset", offset);
    check_field(
        "offset, tz = \"UTC\"",
        "Zoned",
        "\"UTC\"",
        "a column with `offset` has the time zone `UTC`, beside the offset of each value",
    );
    check_field(
        "offset, as = \"Timestamp\"",
        "Zoned",
        "\"Timestamp\"",
        "a column with `offset` has no other encoding",
    );
    check(
        "struct Row {
            #[column(offset, unit = \"ns\")] a: Zoned,
            #[column(as = \"Timestamp\", unit = \"s\", tz = \"UTC\", truncate)] b: i64,
            #[column(truncate, unit = \"ms\")] c: T,
        }",
        &[],
    );
}

#[test]
fn tensors_have_sizes() {
    let sizes =
        "`tensor` takes the sizes of its dimensions: `tensor(2, 3)`; only an array has sizes of its own";
    check_field("tensor", "Vec<f32>", "tensor", sizes);
    check_field("tensor(2, 0)", "Vec<f32>", "0", "expected the size of a dimension: `2`");
    check_field("tensor(2, x)", "Vec<f32>", "x", "expected the size of a dimension: `2`");
    check_field("tensor = 2", "[f32; 2]", "tensor", "`tensor` takes a list: `tensor(2, 3)`");
    check_field(
        "tensor(2), as = \"LargeList\"",
        "Vec<f32>",
        "\"LargeList\"",
        "a column with `tensor` has no other encoding",
    );
    check(
        "struct Row { #[column(tensor)] a: [[f32; N]; 2 + 1], #[column(tensor(2, 3))] b: Option<Vec<f64>> }",
        &[],
    );
}

#[test]
fn runs_hold_a_field_as_it_is() {
    check_field(
        "as = \"RunEndEncoded\", json",
        "T",
        "\"RunEndEncoded\"",
        "a column of runs holds the field as it is, not converted or flattened",
    );
    check("struct Row { #[column(as = \"RunEndEncoded\", unit = \"ms\")] a: Option<SystemTime> }", &[]);
    check_field(
        "as = \"Interval(YearMonth)\", unit = \"s\"",
        "i32",
        "\"s\"",
        "`Interval(YearMonth)` has no unit: `unit` is for times, timestamps and durations",
    );
}
