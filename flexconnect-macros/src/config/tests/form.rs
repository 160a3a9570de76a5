//! Variants, conditions, and what forms are told.

use super::{field, mistakes, one};

#[test]
fn data_of_variants_has_names() {
    one(
        "enum E { A, B(u8, u8) }",
        "(u8, u8)",
        "a parameter needs a name: write `{ name: Type }`, or one struct that derives `Config`",
    );
    one(
        "enum E { A(#[config(default = 1)] S) }",
        "default",
        "`default` is not for an unnamed field: write it on the fields of its struct",
    );
    one(
        "enum E { A { a: u8, #[config(rename = \"a\")] b: u8 } }",
        "\"a\"",
        "there is a parameter `a` already",
    );
    one("enum E { A { r#type: u8 } }", "r#type", "there is a parameter `type` already");
    one("#[config(tag = \"a\")] enum E { A { a: u8 } }", "a", "there is a parameter `a` already");
    one("enum E { A { a: u8 }, #[config(rename = \"a\")] B }", "\"a\"", "there is a choice `a` already");
    one("enum E { A { #[config(min = 3, max = 1)] a: u8 } }", "1", "`max` is less than `min`");
    one("enum E<'a> { A(T<'a>) }", "'a", "a configuration owns its values: use `String` rather than `&str`");
}

#[test]
fn a_tag_belongs_to_an_enum_with_data() {
    one(
        "#[config(tag = \"t\")] enum E { A }",
        "tag",
        "`tag` is for an enum with data: write it on the field that chooses",
    );
    one(
        "#[config(label = \"t\")] enum E { A }",
        "label",
        "`label` is for an enum with data: write it on the field that chooses",
    );
    one(
        "enum E { #[config(default)] A, B }",
        "default",
        "`default` is for a variant of an enum with data: write `default` on the field that chooses",
    );
    one(
        "enum E { #[config(default)] A { a: u8 }, #[config(default)] B }",
        "default",
        "there is a default already: one variant can be it",
    );
    one("enum E { #[config(default = 1)] A { a: u8 } }", "1", "`default` takes no value");
    one("#[config(tag = \"t\")] struct S;", "tag", "`tag` is an attribute of an enum, not of a struct");
    one("#[config(preset = \" \")] struct S;", "\" \"", "`preset` needs a name, not an empty text");
    one(
        "#[config(preset = \"s\")] enum E { A }",
        "preset",
        "`preset` is an attribute of a struct, not of an enum",
    );
}

#[test]
fn conditions_have_their_notation() {
    let notation = "`visible_when` names the parameters it depends on: `visible_when(field = value)`";
    field("#[config(visible_when)] a: Option<u8>", "visible_when", notation);
    field("#[config(visible_when())] a: Option<u8>", "visible_when", notation);
    field("#[config(visible_when = b)] a: Option<u8>, b: bool", "visible_when", notation);
    field(
        "#[config(visible_when(b = []))] a: Option<u8>, b: u8",
        "b",
        "no value would ever fit an empty list",
    );
    field(
        "#[config(dynamic_choices(b = 1))] a: String, b: u8",
        "1",
        "`dynamic_choices` takes names only: `dynamic_choices(a, b)`",
    );
    let none = "`not` names the parameters it depends on: `not(field = value)`";
    field("#[config(visible_when(not()))] a: Option<u8>", "not", none);
    field(
        "#[config(visible_when(not(not(b = 1))))] a: Option<u8>, b: u8",
        "not",
        "`not` in `not` is neither: name what has to be",
    );
    field(
        "#[config(visible_when(not(zebra)))] a: Option<u8>, b: u8",
        "zebra",
        "there is no field `zebra` beside this one",
    );
    field(
        "#[config(visible_when(not(b = true)))] a: Option<u8>, b: u8",
        "true",
        "expected an integer, written as `1`",
    );
    field("#[config(pattern = \"a\")] a: u8", "\"a\"", "`pattern` is for text, not for an integer");
    field("#[config(pattern)] a: String", "pattern", "`pattern` needs a text: `pattern = \"..\"`");
    field("#[config(section_help = 1)] a: String", "1", "`section_help` is text: `section_help = \"..\"`");
    field("#[config(dynamic_choices = true)] a: String", "true", "`dynamic_choices` takes no value");
    field(
        "#[config(deprecated)] a: Option<u8>",
        "deprecated",
        "`deprecated` needs a text: `deprecated = \"..\"`",
    );
    field(
        "#[config(deprecated = \"\")] a: Option<u8>",
        "\"\"",
        "`deprecated` needs a name, not an empty text",
    );
}

#[test]
fn conditions_name_other_fields() {
    field(
        "#[config(visible_when(auth = true))] a: Option<u8>, oauth: bool",
        "auth",
        "there is no field `auth`; did you mean `oauth`?",
    );
    field("#[config(visible_when(b))] a: Option<u8>", "b", "there is no field `b` beside this one");
    field("#[config(visible_when(a))] a: Option<u8>", "a", "a parameter does not depend on itself");
    field("#[config(dynamic_choices(a))] a: String", "a", "a parameter does not depend on itself");
    field("#[config(dynamic_choices(c))] a: String", "c", "there is no field `c` beside this one");
    field(
        "#[config(dynamic_choices(b))] a: String, #[config(flatten)] b: T",
        "b",
        "`b` is flattened and has no value of its own",
    );
    let variants = "name the variants of the flattened enum, such as `Kind::A`, or `[Kind::A, Kind::B]`";
    for (condition, tokens) in
        [("b", "b"), ("b = []", "b"), ("b = \"a\"", "\"a\""), ("b = [T::A, 1]", "1"), ("not(b)", "b")]
    {
        field(
            &format!("#[config(visible_when({condition}))] a: Option<u8>, #[config(flatten)] b: T"),
            tokens,
            variants,
        );
    }
    let circle = mistakes(
        "struct S { #[config(visible_when(c))] a: Option<u8>, #[config(visible_when(a))] b: Option<u8>, \
         #[config(visible_when(b))] c: Option<u8> }",
    );
    let told: Vec<_> = circle.iter().map(|(tokens, message)| (tokens.as_str(), message.as_str())).collect();
    assert_eq!(
        told,
        [
            ("c", "whether `c` applies depends on this field already"),
            ("a", "whether `a` applies depends on this field already"),
            ("b", "whether `b` applies depends on this field already"),
        ]
    );
}

#[test]
fn conditions_fit_the_type() {
    let shown = |condition: &str, ty: &str, tokens: &str, message: &str| {
        field(&format!("#[config(visible_when({condition}))] a: Option<u8>, b: {ty}"), tokens, message);
    };
    shown("b = 1", "bool", "1", "expected a boolean, written as `true`");
    shown("b = [true, \"x\"]", "Option<bool>", "\"x\"", "expected a boolean, written as `true`");
    shown("b = true", "String", "true", "expected text, written as `\"..\"`");
    shown(
        "b = \"a\"",
        "Kind",
        "\"a\"",
        "name the value itself, such as `Kind::A`, so that the compiler checks it",
    );
    shown(
        "b = \"x\"",
        "Secret<String>",
        "b",
        "a secret is not compared: `visible_when(b)` asks whether it is given",
    );
    shown("b = [1]", "Vec<u8>", "b", "a list is not compared: `visible_when(b)` asks whether it is given");
    field(
        "#[config(visible_when(b = \"x\"))] a: Option<u8>, #[config(secret)] b: String",
        "b",
        "a secret is not compared: `visible_when(b)` asks whether it is given",
    );
}

#[test]
fn what_may_be_left_out_has_a_value_then() {
    let mend = "make it an `Option`, or give it a `default`";
    field(
        "#[config(visible_when(b))] a: u8, b: bool",
        "b",
        &format!("it has no value while it does not apply: {mend}"),
    );
    field(
        "#[config(hidden)] a: u8",
        "hidden",
        &format!("nobody can give a value that no form shows: {mend}"),
    );
    field(
        "#[config(deprecated = \"use b\")] a: u8",
        "\"use b\"",
        &format!("a deprecated parameter can be left out: {mend}"),
    );
    field(
        "#[config(required)] a: u8",
        "required",
        "it is required already: `required` is for an `Option` with `visible_when`",
    );
    field(
        "#[config(required)] a: Option<u8>",
        "required",
        "a value that must always be given needs no `Option`: `required` goes with `visible_when`",
    );
    field(
        "#[config(required, default = 1, visible_when(b))] a: u8, b: bool",
        "required",
        "a parameter with a `default` is never required: leave one of them out",
    );
}

#[test]
fn attributes_of_forms_fit_the_type() {
    field("#[config(multiline)] a: u8", "multiline", "`multiline` is for text, not for an integer");
    field("#[config(multiline)] a: Vec<String>", "multiline", "`multiline` is for text, not for a list");
    for (ty, words) in
        [("bool", "a boolean"), ("Vec<Duration>", "a duration"), ("Option<Secret<String>>", "a secret")]
    {
        field(
            &format!("#[config(dynamic_choices)] a: {ty}"),
            "dynamic_choices",
            &format!("`dynamic_choices` is for text, an integer or a list of them, not for {words}"),
        );
    }
}

#[test]
fn a_flattened_field_has_no_attributes_of_a_parameter() {
    let message = |name: &str| {
        format!("`{name}` does not fit a flattened field: its parameters have attributes of their own")
    };
    let found = mistakes("struct S { #[config(flatten, default, label = \"a\", section = \"b\")] a: T }");
    assert_eq!(found, [("default".to_owned(), message("default")), ("label".to_owned(), message("label"))]);
    field(
        "#[config(flatten)] a: Option<T>",
        "flatten",
        "`flatten` is for a struct or an enum that derives `Config`, not for an `Option`",
    );
    field(
        "#[config(flatten)] a: Vec<T>",
        "flatten",
        "`flatten` is for a struct or an enum that derives `Config`, not for a list",
    );
    field("#[config(flatten = true)] a: T", "true", "`flatten` takes no value");
}

#[test]
fn dates_are_dates() {
    for text in
        ["", "2023-02-29", "2024-13-01", "2024-1-1", "2024-01-00", "24-01-01", "2024/01/01", "2024-01-011"]
    {
        field(
            &format!("#[config(default = {text:?})] a: NaiveDate"),
            &format!("{text:?}"),
            "expected a date, written as `\"2024-01-31\"`",
        );
    }
    for text in [
        "2024-01-31",
        "2024-01-31T24:00:00Z",
        "2024-01-31T12:00Z",
        "2024-01-31T12:00:00",
        "2024-01-31T1:00:00Z",
    ] {
        field(
            &format!("#[config(min = {text:?})] a: Option<Timestamp>"),
            &format!("{text:?}"),
            "expected an instant, written as `\"2024-01-31T12:00:00Z\"`",
        );
    }
    field("#[config(min_len = 1)] a: NaiveDate", "1", "`min_len` does not fit a date: use `min`");
}
