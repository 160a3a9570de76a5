//! JSON as descriptors have it: with comments and trailing commas.

use serde_json::Value;

/// Reads JSON that may have `//` and `/* */` comments, and commas before a closing bracket.
pub(crate) fn read(text: &str) -> Value {
    let plain = without_commas(&without_comments(text));
    serde_json::from_str(&plain).unwrap_or_else(|error| panic!("{error} in {plain}"))
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            let kept = if letter == '"' { string(rest) } else { letter.len_utf8() };
            out.push_str(&rest[..kept]);
            kept
        };
        rest = &rest[skipped..];
    }
    out
}

fn without_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let kept = if letter == '"' { string(rest) } else { letter.len_utf8() };
        let closes = letter == ',' && rest[1..].trim_start().starts_with([']', '}']);
        if !closes {
            out.push_str(&rest[..kept]);
        }
        rest = &rest[kept..];
    }
    out
}

/// The length of the string that the text begins with, its quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (index, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn what_only_looks_like_a_comment_is_kept() {
    let text = r#"{ "a": "http://x, ]", // one
        /* two, } */ "b": [1, 2, ], "c": "\"//", }"#;
    assert_eq!(read(text), serde_json::json!({ "a": "http://x, ]", "b": [1, 2], "c": "\"//" }));
}
