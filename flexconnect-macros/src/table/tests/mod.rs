//! Each mistake with its message and the text it points at.

mod encodings;

use super::*;

/// The mistakes in a struct; what is emitted beside them is code all the same.
fn mistakes(input: &str) -> Vec<(String, String)> {
    let mut errors = Errors::default();
    let impls = expand(input.parse().unwrap(), &mut errors);
    syn::parse2::<syn::File>(impls).expect("the impls are items");
    errors.told()
}

#[track_caller]
fn check(input: &str, expected: &[(&str, &str)]) {
    let mistakes = mistakes(input);
    let mistakes: Vec<_> = mistakes.iter().map(|(at, message)| (at.as_str(), message.as_str())).collect();
    assert_eq!(mistakes, expected);
}

/// One mistake in the attributes of a field of this type.
#[track_caller]
fn check_field(attributes: &str, ty: &str, at: &str, message: &str) {
    check(&format!("struct Row {{ #[column({attributes})] field: {ty} }}"), &[(at, message)]);
}

#[test]
fn a_right_table_has_no_mistakes() {
    check(
        "/// Doc.
        #[table(name = \"t\", title = \"T\", rename_all = \"camelCase\", comments, primary_key(id), metadata(a = \"b\"))]
        pub struct Row<'a, T: Clone = i64, const N: usize = 3> where T: 'a {
            #[column(rename = \"key\", alias = \"k\", alias = \"kk\")] id: u64,
            #[column(as = \"Timestamp\", unit = \"ms\", tz = \"Europe/Berlin\")] at: Option<i64>,
            #[column(decimal(18, 2), metadata(\"x:y\" = \"z\"))] price: i128,
            #[column(skip, default = \"made::here\")] other: Cell<T>,
            text: &'a str,
            many: Vec<T>,
            array: [f32; N],
            r#type: PhantomData<T>,
        }",
        &[],
    );
}

#[test]
fn every_mistake_is_reported_at_once_at_its_own_place() {
    check(
        "#[table(renam_all = \"camelCase\", primary_key(idd))]
        struct Row {
            #[column(renam = \"x\")] id: u64,
            #[column(unit = \"m\")] at: SystemTime,
            #[column(as = \"Utf88\")] text: String,
            #[column(default = 3)] count: i64,
        }",
        &[
            ("renam_all", "unknown attribute `renam_all`, did you mean `rename_all`?"),
            ("renam", "unknown attribute `renam`, did you mean `rename`?"),
            ("\"m\"", "unknown unit `m`, it can be `s`, `ms`, `us` or `ns`"),
            ("\"Utf88\"", "unknown Arrow type `Utf88`, did you mean `Utf8`?"),
            ("3", "`default` takes a text: `default = \"..\"`"),
            ("idd", "there is no column `idd`, did you mean `id`?"),
        ],
    );
}

#[test]
fn only_structs_with_named_fields_are_tables() {
    let message = "an enum cannot be a table: one without data can be a column, with `#[derive(Column)]`";
    check("enum Kind { A, B }", &[("Kind", message)]);
    check("union Kind { a: u8, b: i8 }", &[("Kind", "a union cannot be a table")]);
    for input in ["struct Kind(u64);", "struct Kind;"] {
        let mistakes = mistakes(input);
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].0, "Kind");
        assert!(mistakes[0].1.starts_with("a table needs named fields"), "{}", mistakes[0].1);
    }
}

#[test]
fn attributes_stand_where_they_belong() {
    check(
        "#[column(rename = \"x\")] struct Row { #[table(name = \"x\")] id: u64 }",
        &[
            ("column", "the struct takes `#[table(..)]`; `#[column(..)]` is for its fields"),
            ("table", "a field takes `#[column(..)]`; `#[table(..)]` is for the struct"),
        ],
    );
    check("#[table] struct Row {}", &[("table", "expected a list: `#[table(..)]`")]);
    check_field(
        "frobnicate",
        "i64",
        "frobnicate",
        "unknown attribute `frobnicate`, a field takes `rename`, `alias`, `skip`, `default`, `primary_key`, `unique`, \
         `sorted`, `partition`, `incremental`, `nullable`, `flatten`, `json`, `display`, `with`, `extension`, `metadata`, `as`, \
         `unit`, `tz`, `offset`, `truncate`, `decimal`, `decimal32`, `decimal64`, `decimal128`, `decimal256`, `round`, \
         `dictionary`, `list`, `item`, `map`, `keys_sorted`, `names`, `tensor`",
    );
}

#[test]
fn settings_take_what_they_take() {
    check_field("rename", "i64", "rename", "`rename` takes a text: `rename = \"..\"`");
    check_field("rename = 5", "i64", "5", "`rename` takes a text: `rename = \"..\"`");
    check_field("rename = \"\"", "i64", "\"\"", "`rename` cannot be empty");
    check_field("skip = true", "i64", "true", "`skip` stands alone, it takes no value");
    check_field("rename = \"a\", rename = \"b\"", "i64", "rename", "`rename` is given twice");
    check_field(
        "default = \"a b\"",
        "i64",
        "\"a b\"",
        "`default` takes a path: `default = \"module::name\"`",
    );
    check_field("metadata(a)", "i64", "a", "expected `key = \"value\"`");
    check_field("metadata(a = \"1\", a = \"2\")", "i64", "a = \"2\"", "the key `a` is given twice");
    check_field(
        "skip, rename = \"x\"",
        "i64",
        "rename",
        "`rename` has no effect on a field that is not a column",
    );
    check(
        "#[table(rename_all = \"Camel\")] struct Row {}",
        &[(
            "\"Camel\"",
            "unknown case `Camel`, it can be `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, \
             `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`",
        )],
    );
}

#[test]
fn names_are_given_once() {
    check(
        "struct Row { a: i64, #[column(rename = \"a\")] b: i64, #[column(alias = \"a\", alias = \"c\")] c: i64 }",
        &[
            ("\"a\"", "the column `a` is there already: it is the field `a`"),
            ("\"a\"", "`a` is the name of another column: it is the field `b`"),
            ("\"c\"", "`c` is this column's name already"),
        ],
    );
    check(
        "#[table(rename_all = \"lowercase\")] struct Row { a: i64, r#a: i64 }",
        &[("r#a", "the column `a` is there already: it is the field `a`")],
    );
}

#[test]
fn a_key_is_made_of_columns_that_are_always_there() {
    check(
        "#[table(primary_key(a, b, c, d, a, 5))]
        struct Row { #[column(rename = \"x\")] a: i64, b: Option<i64>, #[column(skip)] c: i64 }",
        &[
            ("a", "`a` is in the key twice"),
            ("5", "expected the name of a field"),
            ("b", "`b` can be null, and a column of the key cannot"),
            ("c", "`c` is not a column, so it cannot be in the key"),
            ("d", "there is no column `d`"),
        ],
    );
    check(
        "#[table(primary_key(a))] struct Row { a: i64, #[column(primary_key)] b: i64 }",
        &[("primary_key", "the struct says `primary_key(..)` already: name this field there")],
    );
    check(
        "struct Row { #[column(primary_key, nullable)] a: i64 }",
        &[("primary_key", "`a` can be null, and a column of the key cannot")],
    );
    check(
        "#[table(primary_key)] struct Row {}",
        &[("primary_key", "`primary_key` takes a list: `primary_key(a, b)`")],
    );
}

#[test]
fn types_that_are_never_columns_are_refused() {
    check_field(
        "",
        "Option<Option<i64>>",
        "Option<Option<i64>>",
        "`field` is an `Option` in an `Option`: Arrow has one level of null",
    );
    check_field(
        "",
        "Vec<Option<Option<i64>>>",
        "Vec<Option<Option<i64>>>",
        "`field` is an `Option` in an `Option`: Arrow has one level of null",
    );
    check_field(
        "",
        "Vec<Box<Row>>",
        "Vec<Box<Row>>",
        "`field` contains its own table, and an Arrow type is finite: convert it with `with`, `json` or `display`, or leave it \
         out with `skip`",
    );
    for (ty, what) in [
        ("*const u8", "a raw pointer"),
        ("fn() -> i64", "a function"),
        ("Box<dyn Display>", "a trait object"),
        ("&'static mut str", "a mutable reference"),
    ] {
        check_field(
            "",
            ty,
            ty,
            &format!(
                "`field` is {what}, which cannot be a column: convert it with `with`, `json` or `display`, or leave it \
                 out with `skip`"
            ),
        );
    }
    check(
        "struct Row<'a, T> { many: &'a [T] }",
        &[("&'a [T]", "`many` is both borrowed and generic: a column can be one of them")],
    );
    // `skip` is what they say.
    check("struct Row { #[column(skip)] field: Box<dyn Display> }", &[]);
}

#[test]
fn conversions_are_one_at_a_time() {
    check(
        "struct Row { #[column(json, display)] a: T, #[column(with = \"a b\")] b: T, #[column(json = 1)] c: T }",
        &[
            ("display", "the field says `json` already: it is converted one way"),
            ("\"a b\"", "`with` takes a path: `with = \"module::name\"`"),
            ("1", "`json` stands alone, it takes no value"),
        ],
    );
    // What is converted need not be a column itself.
    check(
        "struct Row { #[column(json)] a: Box<dyn Display>, #[column(display)] b: (u8, fn()), #[column(with = \"m\")] c: *const u8 }",
        &[],
    );
}

#[test]
fn flattened_structs_are_always_there() {
    let prefix = "`flatten` takes a prefix or nothing: `flatten(prefix = \"home_\")`";
    check(
        "struct Row {
            #[column(flatten(suffix = \"x\"))] a: A,
            #[column(flatten = \"x\")] b: B,
            #[column(flatten)] c: Option<C>,
            #[column(flatten, rename = \"x\")] d: D,
        }",
        &[
            ("flatten", prefix),
            ("\"x\"", prefix),
            ("Option<C>", "`flatten` is for a struct that is always there, not for an `Option`"),
            ("rename", "`rename` has no effect beside `flatten`"),
        ],
    );
    check(
        "#[table(deny_unknown)] struct Row { #[column(flatten)] a: A }",
        &[("a", "`deny_unknown` cannot know the columns of a field that says `flatten`")],
    );
    check(
        "#[table(primary_key(a))] struct Row { #[column(flatten)] a: A }",
        &[("a", "`a` is a struct whose columns are the table's: it is no column itself")],
    );
}

#[test]
fn bounds_are_written_as_a_where_clause() {
    let message = "`bound` takes bounds as a `where` does: `bound = \"T: Column\"`, or `bound(write = \"..\", read = \"..\")`";
    for (bound, at) in [
        ("bound", "bound"),
        ("bound = 3", "3"),
        ("bound = \"T\"", "\"T\""),
        ("bound(\"T: Copy\")", "bound"),
        ("bound(wrte = \"T: Copy\")", "wrte"),
        ("bound(read = \"T\")", "\"T\""),
    ] {
        check(&format!("#[table({bound})] struct Row<T> {{ a: T }}"), &[(at, message)]);
    }
    check(
        "#[table(bound(write = \"T: Copy\", read = \"T: Copy, for<'a> &'a T: Clone\"))] struct Row<T> { a: T }",
        &[],
    );
}

#[test]
fn columns_of_a_flattened_struct_are_for_the_compiler_to_find() {
    check(
        "#[table(primary_key(id, home_city))] struct Row { id: i64, #[column(flatten)] home: Address }",
        &[],
    );
    check(
        "#[table(primary_key(id, home_city))] struct Row { id: i64, home: Address }",
        &[("home_city", "there is no column `home_city`")],
    );
}

#[test]
fn facts_name_columns() {
    check(
        "#[table(unique(a, bb), sorted_by(a up, b desc), partitioned_by(c), incremental(a, b))]
        struct Row { a: i64, b: i64, #[column(skip)] c: i64 }",
        &[
            ("a up", "expected the name of a field, with `asc` or `desc` after it, or nothing"),
            ("bb", "there is no column `bb`"),
            ("c", "`c` is not a column, so `partitioned_by` cannot name it"),
            ("b", "a table has one cursor, which grows from row to row"),
        ],
    );
    check(
        "#[table(sorted_by(a))] struct Row { a: i64, #[column(sorted)] b: i64 }",
        &[("sorted", "the struct says `sorted_by(..)` already: name this field there")],
    );
    check("#[table(unique(a), unique(b, a))] struct Row { a: i64, #[column(unique)] b: i64 }", &[]);
    check("#[table(unique(a, a))] struct Row { a: i64 }", &[("a", "`a` is in the list twice")]);
    check(
        "#[table(primary_key(a desc))] struct Row { a: i64 }",
        &[("a desc", "expected the name of a field")],
    );
    for ty in ["f64", "bool", "Vec<i64>", "HashMap<i64, i64>", "(i64, i64)"] {
        check(
            &format!("struct Row {{ #[column(incremental)] a: {ty} }}"),
            &[(
                "incremental",
                "`a` has no order that a cursor could follow: it is a number, a text or a time",
            )],
        );
    }
    check("struct Row { #[column(incremental)] a: Option<NaiveDate> }", &[]);
}
