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
    let data = "an enum with data is a column with `#[column(tagged)]`: a struct that says which variant it is, and holds \
                the data of each";
    check("enum E { A, B(u8), C { x: u8 } }", &[("E", data)]);
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
            ("skip", "unknown attribute `skip`, a variant takes `rename`, `alias`"),
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
                "unknown attribute `rename`, the field of a newtype takes `as`, `unit`, `tz`, `decimal`, `dictionary`, \
                 `list`, `item`, `map`, `keys_sorted`, `names`",
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
        &[("<T>", "an enum with type parameters or lifetimes cannot be a column")],
    );
    check(
        "#[column(tagged)] enum E { A(#[column(as = \"Int8\")] i64), B { #[column(skip)] x: u8 } }",
        &[
            (
                "\"Int8\"",
                "`i64` cannot be `Int8`, it can be `Int64`, `Date64`, `Timestamp`, `Time64`, `Duration`",
            ),
            ("skip", "unknown attribute `skip`, a field of a variant takes `rename`"),
        ],
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
