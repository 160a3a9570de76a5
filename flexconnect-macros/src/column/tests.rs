//! Each mistake with its message and the text it points at.

use super::*;

#[track_caller]
fn check(input: &str, expected: &[(&str, &str)]) {
    let mut errors = Errors::default();
    let impls = expand(input.parse().unwrap(), &mut errors);
    syn::parse2::<syn::File>(impls).expect("the impls are items");
    let mistakes = errors.told();
    let mistakes: Vec<_> = mistakes.iter().map(|(at, message)| (at.as_str(), message.as_str())).collect();
    assert_eq!(mistakes, expected);
}

#[test]
fn right_columns_have_no_mistakes() {
    check(
        "#[column(rename_all = \"camelCase\", as = \"Utf8View\")] enum E { A, #[column(rename = \"b\", alias = \"bb\")] B }",
        &[],
    );
    check("struct Id<'a, T>(&'a str) where T: Copy;", &[]);
    check(
        "#[column(crate = \"fc\")] struct At(#[column(as = \"Timestamp\", tz = \"UTC\")] Option<i64>);",
        &[],
    );
}

#[test]
fn only_enums_and_newtypes_are_columns() {
    check("enum E { A, B(u8), C { x: u8 } }", &[]);
    check("enum E {}", &[("E", "an enum without variants has no values to make a column of")]);
    check("enum E<T> { A }", &[("<T>", "an enum without data has no use for generics")]);
    check("union U { a: u8 }", &[("U", "a union cannot be a column")]);
    let named = "`#[derive(Column)]` takes a struct with one unnamed field, as `struct Id(u64)`; a struct with named fields \
                 is a table: `#[derive(Table)]`";
    check("struct S { a: u8 }", &[("S", named)]);
    check("struct S(u8, u8);", &[("S", named)]);
    check("struct S;", &[("S", named)]);
}

#[test]
fn attributes_of_enums_are_checked() {
    check(
        "#[table(name = \"x\")]
        #[column(rename_al = \"camelCase\", as = \"Int8\")]
        enum E { #[column(renam = \"x\")] A, #[column(rename = \"A\")] B, #[column(alias = \"\")] C, #[column(skip)] D }",
        &[
            ("table", "a column type takes `#[column(..)]`"),
            ("rename_al", "unknown attribute `rename_al`, did you mean `rename_all`?"),
            ("\"Int8\"", "an enum cannot be `Int8`, it can be `Utf8`, `LargeUtf8`, `Utf8View`; without `as` it is a dictionary"),
            ("renam", "unknown attribute `renam`, did you mean `rename`?"),
            ("\"A\"", "the name `A` is there already: it is the variant `A`"),
            ("\"\"", "`alias` cannot be empty"),
            ("skip", "unknown attribute `skip`, a variant takes `rename`, `alias`, `tag`, `null`"),
        ],
    );
}

#[test]
fn attributes_of_newtypes_are_checked() {
    check(
        "#[column(as = \"Utf8\")] struct S(#[column(as = \"Int16\", rename = \"x\")] i64);",
        &[
            ("as", "unknown attribute `as`, a struct with one field takes `crate`"),
            (
                "rename",
                "unknown attribute `rename`, the field of a newtype takes `as`, `unit`, `tz`, `offset`, `truncate`, `decimal`, \
                 `decimal32`, `decimal64`, `decimal128`, `decimal256`, `round`, `dictionary`, `list`, `item`, `map`, \
                 `keys_sorted`, `names`, `tensor`",
            ),
            (
                "\"Int16\"",
                "`i64` cannot be `Int16`, it can be `Int64`, `Date64`, `Timestamp`, `Time64`, `Duration`",
            ),
        ],
    );
}

#[test]
fn enums_with_data_say_how_they_are_stored() {
    check(
        "#[column(tagged)] enum E { A, B(u8), C { #[column(rename = \"x y\")] x: u8 }, D(u8, i8), F() }",
        &[],
    );
    check(
        "#[column(tagged)] enum E { A, B }",
        &[("tagged", "`tagged` is for an enum with data: one without is a dictionary")],
    );
    check(
        "#[column(tag = \"kind\")] enum E { A, B }",
        &[("\"kind\"", "`tag` names the column that `tagged` adds")],
    );
    check(
        "#[column(tagged, as = \"Utf8\")] enum E { A(u8) }",
        &[("E", "`as` and `repr` are for an enum without data")],
    );
    check(
        "#[column(tagged, tag = \"A\")] enum E { A(u8) }",
        &[("E", "the column `A` is there already: it is the variant `A`, choose another `tag`")],
    );
    check(
        "#[column(tagged)] enum E<T> { A(T) }",
        &[("<T>", "an enum with type parameters, or more than one lifetime, cannot be a column")],
    );
    check(
        "#[column(tagged)] enum E { A(#[column(as = \"Int8\")] i64), B { #[column(skp)] x: u8, #[column(unit = \"m\")] y: u8 } }",
        &[
            (
                "\"Int8\"",
                "`i64` cannot be `Int8`, it can be `Int64`, `Date64`, `Timestamp`, `Time64`, `Duration`",
            ),
            ("skp", "unknown attribute `skp`, did you mean `skip`?"),
            ("\"m\"", "unknown unit `m`, it can be `s`, `ms`, `us` or `ns`"),
        ],
    );
}

#[test]
fn unions_have_a_type_id_for_each_variant() {
    check(
        "#[column(sparse)] enum E<'e> { #[column(tag = 5)] A(&'e str), #[column(tag = 0, null)] B, C }",
        &[],
    );
    let message = "`tag` on a variant is its type id, from 0 to 127: `tag = 5`";
    for tag in ["tag = 128", "tag = -1", "tag = \"kind\"", "tag"] {
        check(&format!("enum E {{ #[column({tag})] A(u8), B }}"), &[("tag", message)]);
    }
    check(
        "enum E { #[column(tag = 1)] A(u8), #[column(tag = 1)] B }",
        &[("1", "another variant has the type id 1 already")],
    );
    check("enum E { #[column(null)] A(u8), B }", &[("null", "`null` is for a variant that holds nothing")]);
    check(
        "enum E { #[column(null)] A, #[column(null)] B, C(u8) }",
        &[("null", "one variant stands for a null already")],
    );
    let of_union = |name: &str| format!("`{name}` is for a union, and `tagged` makes a struct");
    let (sparse, tag, null) = (of_union("sparse"), of_union("tag"), of_union("null"));
    check(
        "#[column(tagged, sparse)] enum E { #[column(tag = 1)] A(u8), #[column(null)] B }",
        &[("sparse", &sparse), ("tag", &tag), ("null", &null)],
    );
    let of_data = |name: &str| format!("`{name}` is for an enum with data: one without is a dictionary");
    let (sparse, null) = (of_data("sparse"), of_data("null"));
    check("#[column(sparse)] enum E { A, #[column(null)] B }", &[("sparse", &sparse), ("null", &null)]);
    check(
        "#[column(tag = \"kind\")] enum E { A(u8) }",
        &[("\"kind\"", "`tag` names the column that `tagged` adds")],
    );
    check(
        "enum E { A { x: u8, #[column(rename = \"x\")] y: u8 } }",
        &[("\"x\"", "the column `x` is there already in this variant")],
    );
    let many: String = (0..129).map(|at| format!("V{at},")).collect();
    check(
        &format!("enum E {{ {many} Last(u8) }}"),
        &[("E", "a union has at most 128 variants: store the enum as `#[column(tagged)]`")],
    );
}

#[test]
fn discriminants_need_an_integer_type() {
    check("#[column(repr)] #[repr(u8)] enum E { A = 3, B }", &[]);
    let message =
        "`repr` stores the discriminant in the enum's own integer type: give it one, as `#[repr(i32)]`";
    check("#[column(repr)] enum E { A }", &[("repr", message)]);
    check("#[column(repr)] #[repr(C)] enum E { A }", &[("repr", message)]);
}
