//! Each rule of the derive: its message, and the tokens it points at.

use proc_macro2::{LineColumn, Span};
use syn::DeriveInput;

use super::{Mistakes, check, derive, parse};

mod form;

/// The mistakes in an item: the tokens they point at, and what they say.
fn mistakes(code: &str) -> Vec<(String, String)> {
    let input: DeriveInput = syn::parse_str(code).unwrap();
    let mut mistakes = Mistakes::default();
    if let Some(model) = parse::parse(&input, &mut mistakes) {
        check::check(&model, &mut mistakes);
    }
    // Whatever is wrong, the emitted code is well-formed.
    syn::parse2::<syn::File>(derive(&input)).unwrap();
    let all = mistakes.0.into_iter().flatten();
    all.map(|error| (slice(code, error.span()), error.to_string())).collect()
}

/// The source between the ends of a span.
fn slice(code: &str, span: Span) -> String {
    let offset = |at: LineColumn| {
        let line: usize = code.split_inclusive('\n').take(at.line - 1).map(str::len).sum();
        line + code[line..].char_indices().nth(at.column).map_or(code.len() - line, |(offset, _)| offset)
    };
    code[offset(span.start())..offset(span.end())].to_owned()
}

/// Asserts the one mistake of a struct with this field.
#[track_caller]
fn field(code: &str, tokens: &str, message: &str) {
    one(&format!("struct S {{ {code} }}"), tokens, message);
}

/// Asserts the one mistake of an item.
#[track_caller]
fn one(code: &str, tokens: &str, message: &str) {
    assert_eq!(mistakes(code), [(tokens.to_owned(), message.to_owned())]);
}

/// Asserts that an item has none.
#[track_caller]
fn none(code: &str) {
    assert_eq!(mistakes(code), []);
}

#[test]
fn what_is_right_has_no_mistake() {
    none("struct S;");
    none("struct S {}");
    none(
        r#"#[config(rename_all = "camelCase", check = "S::check", crate = "my::core")] struct S { a_b: u8 }"#,
    );
    none("struct S<T: Clone, const N: usize> { a: T }");
    none(r#"#[config(preset = "server")] struct S { a: u8 }"#);
    none(
        r#"#[config(tag = "kind", label = "L", help = "H", section = "S")] enum E<T> { A, #[config(default)] B(T) }"#,
    );
    none(
        "enum E { A { #[config(visible_when(b), required)] a: Option<u8>, b: bool }, B { #[config(flatten)] a: T } }",
    );
    none(r#"enum E { #[config(rename = "a", alias = "c", label = "A", help = "h")] A, B = 3 }"#);
    for code in [
        r#"#[config(default, label = "L", help = "H", section = "S", placeholder = "P", advanced,)] a: u8"#,
        r#"#[config(default = -3, min = -3, max = 3, alias = "x", alias = "y", check = "f")] a: i8"#,
        "#[config(default = 1, min = 0.5, max = 2)] a: Option<f64>",
        r#"#[config(min = "1s", max = MAX, default = "2s")] a: std::time::Duration"#,
        "#[config(default = 3, min = limit(), max = 10)] a: Rows",
        r#"#[config(min_len = 1, max_len = 3, default = "abc")] a: String"#,
        "#[config(min_len = 1, default = [1, 2])] a: Vec<u8>",
        r#"#[config(default = [("a", 1)])] a: BTreeMap<String, u8>"#,
        "#[config(min_len = 8)] a: Option<Secret<String>>",
        "#[config(default)] a: Vec<Secret<String>>",
        "#[config(secret, default)] a: Option<String>",
        "#[config(default = true)] a: Flag",
        "#[config(multiline)] a: Option<Secret<String>>",
        "#[config(hidden, default = 3)] a: u8",
        r#"#[config(deprecated = "use `b`")] a: Option<u8>, b: u8"#,
        "#[config(dynamic_choices)] a: Vec<String>, #[config(dynamic_choices(a))] b: Option<u8>",
        "#[config(visible_when(b = true, c = [1, 2]), visible_when(d))] a: Option<u8>, b: bool, c: u8, d: Secret<String>",
        "#[config(visible_when(b = Kind::A), required)] a: Option<u8>, b: Kind",
        r#"#[config(visible_when(b = "x"), default = 1)] a: u8, b: Option<String>"#,
        "#[config(flatten, section = \"S\")] a: Paging, #[config(visible_when(c))] b: Option<u8>, c: bool",
        r#"#[config(default = "2024-02-29", min = "2000-01-01")] a: chrono::NaiveDate"#,
        r#"#[config(default = "2024-01-31T12:00:00Z")] a: Option<DateTime<Utc>>"#,
        "#[config(default = [1, 2])] a: BTreeSet<u8>",
    ] {
        none(&format!("struct S {{ {code} }}"));
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let code = r#"struct S {
        #[config(lable = "a", default = "x", min = 3, max = 1)]
        rows: u32,
        #[config(min = 1)]
        name: String,
    }"#;
    let found = mistakes(code);
    let tokens: Vec<_> = found.iter().map(|(tokens, _)| tokens.as_str()).collect();
    assert_eq!(tokens, ["lable", "1", "\"x\"", "1"]);
}

#[test]
fn only_structs_with_named_fields_and_enums() {
    one("struct S(u8);", "(u8)", "a configuration has named fields: each is a parameter, and needs a name");
    one("union U { a: u8 }", "union", "a union cannot be a configuration: use a struct");
    one("enum E {}", "E", "an enum to choose from needs at least one variant");
    one("enum E<T> { A }", "<T>", "an enum without data needs no generic parameters");
    one(
        "struct S<'a> { a: Text<'a> }",
        "'a",
        "a configuration owns its values: use `String` rather than `&str`",
    );
}

#[test]
fn unknown_attributes_are_suggested() {
    field(
        "#[config(defualt = 1)] a: u8",
        "defualt",
        "`defualt` is not an attribute of a field; did you mean `default`?",
    );
    field(
        r#"#[config(rename_all = "camelCase")] a: u8"#,
        "rename_all",
        "`rename_all` is an attribute of a struct, not of a field",
    );
    one("#[config(min = 1)] struct S;", "min", "`min` is an attribute of a field, not of a struct");
    one(
        r#"#[config(check = "f")] enum E { A }"#,
        "check",
        "`check` is an attribute of a struct, not of an enum",
    );
    one(
        "enum E { #[config(colour = 1)] A }",
        "colour",
        "`colour` is not an attribute of a variant; there are `rename`, `alias`, `label`, `help`, `default`",
    );
}

#[test]
fn attributes_have_their_notation() {
    field("#[config] a: u8", "#[config]", "write the attributes in parentheses: `#[config(..)]`");
    field("#[config(default(1))] a: u8", "default", "write `default = ..`, without parentheses");
    field("#[config(default = 1, default = 2)] a: u8", "default", "`default` is given twice");
    field("#[config(label = 5)] a: u8", "5", "`label` is text: `label = \"..\"`");
    field("#[config(label)] a: u8", "label", "`label` needs a text: `label = \"..\"`");
    field(r#"#[config(rename = " ")] a: u8"#, "\" \"", "`rename` needs a name, not an empty text");
    field(r#"#[config(alias = "")] a: u8"#, "\"\"", "`alias` needs a name, not an empty text");
    field("#[config(min)] a: u8", "min", "`min` needs a value: `min = ..`");
    field("#[config(secret = true)] a: String", "true", "`secret` takes no value");
    field("#[config(advanced = 1)] a: String", "1", "`advanced` takes no value");
    field(
        r#"#[config(check = "not a path")] a: u8"#,
        "\"not a path\"",
        "`check` is a path, such as `\"my_module::my_item\"`",
    );
    field(
        "#[config(min_len = -1)] a: String",
        "-1",
        "`min_len` is a whole number of characters or elements: `min_len = 1`",
    );
    field(
        "#[config(max_len)] a: String",
        "max_len",
        "`max_len` is a whole number of characters or elements: `max_len = 1`",
    );
    one(
        r#"#[config(rename_all = "camel_case")] struct S;"#,
        "\"camel_case\"",
        "`camel_case` is not a way to write names; did you mean `camelCase`?",
    );
}

#[test]
fn a_broken_attribute_does_not_hide_the_next() {
    let found = mistakes("struct S { #[config(min = , lable = 1, advanced advanced, secrt)] a: u8 }");
    let messages: Vec<_> = found.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "expected an expression",
            "expected `,` before the next attribute",
            "`lable` is not an attribute of a field; did you mean `label`?",
            "`secrt` is not an attribute of a field; did you mean `secret`?",
        ]
    );
}

#[test]
fn names_differ() {
    field(r#"a: u8, #[config(rename = "a")] b: u8"#, "\"a\"", "there is a parameter `a` already");
    field(r#"a: u8, #[config(alias = "a")] b: u8"#, "\"a\"", "there is a parameter `a` already");
    one(
        r#"#[config(rename_all = "lowercase")] struct S { a_b: u8, ab: u8 }"#,
        "ab",
        "there is a parameter `ab` already",
    );
    one(r#"enum E { A, #[config(alias = "a")] B }"#, "\"a\"", "there is a choice `a` already");
}

#[test]
fn bounds_fit_the_type() {
    field(
        "#[config(min = 1)] a: String",
        "1",
        "`min` does not fit text: use `min_len` for the number of characters",
    );
    field(
        "#[config(max = 1)] a: Option<Vec<u8>>",
        "1",
        "`max` does not fit a list: use `max_len` for the number of elements",
    );
    field("#[config(min = 1)] a: bool", "1", "`min` does not fit a boolean");
    field("#[config(min = \"a\")] a: u8", "\"a\"", "expected an integer, written as `1`");
    field(
        "#[config(max = 60)] a: Duration",
        "60",
        "expected a duration, written as `\"30s\"` or `\"1h30m\"`",
    );
    field("#[config(min = 0.5)] a: u8", "0.5", "expected an integer, written as `1`");
    field("#[config(min_len = 1)] a: u8", "1", "`min_len` does not fit an integer: use `min`");
    field("#[config(max_len = 1)] a: bool", "1", "`max_len` does not fit a boolean");
}

#[test]
fn bounds_agree() {
    field("#[config(min = 3, max = 1)] a: u8", "1", "`max` is less than `min`");
    field("#[config(min = -1, max = -1.5)] a: f64", "-1.5", "`max` is less than `min`");
    field("#[config(default = 0, min = 1)] a: u8", "0", "the default is less than `min`");
    field("#[config(default = 9, max = 8)] a: Option<u8>", "9", "the default is greater than `max`");
    field("#[config(min = \"1m\", max = \"59s\")] a: Duration", "\"59s\"", "`max` is less than `min`");
    field(
        "#[config(default = \"2MB\", max = \"1MiB\")] a: ByteSize",
        "\"2MB\"",
        "the default is greater than `max`",
    );
    field("#[config(min_len = 3, max_len = 1)] a: String", "1", "`max_len` is less than `min_len`");
    field(
        "#[config(default = \"\", min_len = 1)] a: String",
        "\"\"",
        "the default is shorter than `min_len`",
    );
    field(
        "#[config(default = [1, 2], max_len = 1)] a: Vec<u8>",
        "[1, 2]",
        "the default is longer than `max_len`",
    );
}

#[test]
fn defaults_fit_the_type() {
    field("#[config(default = \"1\")] a: u8", "\"1\"", "expected an integer, written as `1`");
    field("#[config(default = 1.5)] a: u8", "1.5", "expected an integer, written as `1`");
    field("#[config(default = true)] a: f64", "true", "expected a number, written as `0.5`");
    field("#[config(default = 1)] a: bool", "1", "expected a boolean, written as `true`");
    field("#[config(default = 1)] a: String", "1", "expected text, written as `\"..\"`");
    field("#[config(default = 1)] a: PathBuf", "1", "expected a path, written as `\"..\"`");
    field(
        "#[config(default = 30)] a: Duration",
        "30",
        "expected a duration, written as `\"30s\"` or `\"1h30m\"`",
    );
    field(
        "#[config(default = 0.5)] a: ByteSize",
        "0.5",
        "expected a byte size, written as `\"64MiB\"` or `\"10MB\"`",
    );
    field("#[config(default = \"a\")] a: Vec<String>", "\"a\"", "expected a list, written as `[..]`");
    for text in ["", "30", "s", "30 s", "1.5h", "-1s", "30S", "1x", "1s ", "18446744073709551616s"] {
        field(
            &format!("#[config(default = {text:?})] a: Duration"),
            &format!("{text:?}"),
            "expected a duration, written as `\"30s\"` or `\"1h30m\"`",
        );
    }
    for text in ["", "64", "MiB", "1.5GB", "-1B", "64 MiB", "1XB", "18446744073709551616B", "99999999PiB"] {
        field(
            &format!("#[config(default = [{text:?}])] a: Vec<ByteSize>"),
            &format!("{text:?}"),
            "expected a byte size, written as `\"64MiB\"` or `\"10MB\"`",
        );
    }
    field("#[config(default = [\"a\", 1])] a: Vec<String>", "1", "expected text, written as `\"..\"`");
    field("#[config(default = [\"a\"])] a: Option<Vec<u8>>", "\"a\"", "expected an integer, written as `1`");
    field(
        "#[config(default = 1)] a: HashMap<String, u8>",
        "1",
        "expected a map, written as `[(\"key\", value)]`",
    );
    field(
        "#[config(default = [1])] a: HashMap<String, u8>",
        "1",
        "a member of a map is a pair: `(\"key\", value)`",
    );
}

#[test]
fn a_secret_has_no_default() {
    let message = "a secret has no default: it would stand in the source and be the same for everybody";
    field("#[config(default = \"x\")] a: Secret<String>", "\"x\"", message);
    field("#[config(default = token())] a: Option<Secret<String>>", "token()", message);
    field("#[config(default)] a: Secret<String>", "default", message);
    field("#[config(secret, default = \"x\")] a: String", "\"x\"", message);
    field("#[config(secret, default)] a: String", "default", message);
    field("#[config(default = [\"x\"])] a: Vec<Secret<String>>", "[\"x\"]", message);
}

#[test]
fn one_option_is_enough() {
    field("a: Option<Option<u8>>", "Option<Option<u8>>", "a value is there or not: one `Option` is enough");
}

#[test]
fn beside_mistakes_there_are_impls() {
    let code = |item: &str| {
        let input: DeriveInput = syn::parse_str(item).unwrap();
        derive(&input).to_string()
    };
    let broken = code("struct S { #[config(lable)] a: u8 }");
    assert!(broken.contains("compile_error"));
    assert!(broken.contains("Config for S") && broken.contains("ConfigValue for S"));
    let renamed = code(r#"#[config(crate = "::mine")] enum E { #[config(lable)] A }"#);
    assert!(renamed.contains(":: mine :: __private :: config :: ConfigValue for E"));
    assert!(!renamed.contains("flexconnect_core"));
    // What flattens it, or has it as its configuration, has no follow-up errors either.
    let tagged = code("enum E { A { #[config(lable)] a: u8 } }");
    for name in ["Config for E", "ConfigValue for E", "ReadFields for E"] {
        assert!(
            tagged.contains(name) && code("struct E { #[config(lable)] a: u8 }").contains(name),
            "{name}"
        );
    }
}

#[test]
fn doc_comments_become_paragraphs() {
    let input: DeriveInput = syn::parse_str(
        "/// The first\n/// paragraph.\n///\n///\n/// The second.\n///\n/** A block\n comment. */ struct S;",
    )
    .unwrap();
    assert_eq!(
        super::attribute::help(&input.attrs),
        "The first paragraph.\n\nThe second.\n\nA block comment."
    );
}
