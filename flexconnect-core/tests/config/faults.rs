//! What users get told.

use std::collections::BTreeMap;
use std::time::Duration;

use flexconnect_core::config::{ByteSize, ConfigValue, Faults, Input, Parameter, ParameterKind};
use flexconnect_core::{BoxError, Config};
use serde_json::{Value, json};

use super::{faults, read};

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Random {
    #[config(default = 100)]
    num_rows: u64,
    columns: Vec<String>,
    #[config(default)]
    column_types: Vec<Kind>,
}

#[derive(Config, Debug)]
enum Kind {
    Int,
    Float,
    #[config(alias = "text")]
    String,
}

#[test]
fn all_faults_come_at_once() {
    let values = json!({"num_rows": -1, "columns": ["a", 2, null], "column_types": "int", "seed": 3});
    assert_eq!(
        faults::<Random>(values),
        [
            "`seed` is not a parameter; there are `num_rows`, `columns`, `column_types`",
            "`num_rows` must be an integer from 0 to 18446744073709551615, not the number -1",
            "`columns[1]` must be text, not the number 2; write it in quotes",
            "`columns[2]` must be text, not null",
            "`column_types` must be a list of choices, not the text \"int\"; put it in square brackets",
        ]
    );
}

#[test]
fn a_missing_value_and_a_misspelt_one_are_named() {
    assert_eq!(
        faults::<Random>(json!({"colums": ["a"]})),
        [
            "`colums` is not a parameter; did you mean `columns`?",
            "`columns` is required: add it as a list of text",
        ]
    );
    assert_eq!(
        faults::<Random>(json!({"columns": [], "numRows": 1})),
        ["`numRows` is not a parameter; did you mean `num_rows`?"]
    );
}

#[test]
fn a_choice_is_suggested() {
    assert_eq!(
        faults::<Random>(json!({"columns": [], "column_types": ["text", "flaot", "date"]})),
        [
            "`column_types[1]` must be one of `int`, `float`, `string`, not the text \"flaot\"; did you mean `float`?",
            "`column_types[2]` must be one of `int`, `float`, `string`, not the text \"date\"",
        ]
    );
}

#[test]
fn what_is_quoted_is_cut_short_and_stays_on_its_line() {
    let long = "x".repeat(1000);
    let mut values = json!({"columns": [1], "num_rows": long});
    values[format!("key\n{long}")] = json!(1);
    let all = faults::<Random>(values);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|fault| fault.len() < 200), "{all:?}");
    assert!(all[0].starts_with("`[\"key\\nxxx"), "{}", all[0]);
    assert!(all[1].ends_with("xxx…\""), "{}", all[1]);
}

#[test]
fn a_million_faults_are_counted() {
    let error =
        Random::parse(json!({"columns": vec![1; 100_000]}).as_object().unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("wrong configuration, 100000 faults:\n- `columns[0]` must be text"));
    assert!(error.ends_with("\n- and 99968 more"));
    assert!(error.len() < 4000);
}

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Nested {
    sources: Vec<Source>,
    headers: BTreeMap<String, u16>,
}

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Source {
    url: String,
    #[config(default = 1, min = 1)]
    retries: u8,
}

#[test]
fn paths_lead_to_the_place() {
    let values = json!({
        "sources": [{"url": "a"}, {"url": 1, "retries": 0, "extra": 1}, {}, "b"],
        "headers": {"X-Rate": "5", "with space": true, "": 1.5},
    });
    assert_eq!(
        faults::<Nested>(values),
        [
            "`sources[1].extra` is not a parameter; there are `url`, `retries`",
            "`sources[1].url` must be text, not the number 1; write it in quotes",
            "`sources[1].retries` must be at least 1, not 0",
            "`sources[2].url` is required: add it as text",
            "`sources[3]` must be an object, not the text \"b\"",
            "`headers.X-Rate` must be an integer, not the text \"5\"; write it without quotes",
            "`headers[\"with space\"]` must be an integer, not true",
            "`headers[\"\"]` must be an integer, not the number 1.5",
        ]
    );
}

#[derive(Config, Debug)]
#[config(check = "Window::in_order")]
struct Window {
    #[config(min = 0, max = 10)]
    from: i32,
    #[config(default = 10, min = 0, max = 10)]
    to: i32,
    #[config(default = "5s", min = "1s", max = "1m")]
    every: Duration,
    #[config(max = "1MiB")]
    size: Option<ByteSize>,
    #[config(default = 0.5, min = 0, max = 1.0)]
    share: f64,
    #[config(min_len = 1, max_len = 3)]
    name: Option<String>,
    #[config(default, max_len = 2)]
    tags: Vec<String>,
    #[config(default = "a", check = "is_lower")]
    letter: String,
}

impl Window {
    fn in_order(&self) -> Result<(), String> {
        if self.from <= self.to {
            Ok(())
        } else {
            Err(format!("`from` ({}) must not be after `to` ({})", self.from, self.to))
        }
    }
}

fn is_lower(text: &str) -> Result<(), &'static str> {
    if text.chars().all(char::is_lowercase) { Ok(()) } else { Err("must be lower case") }
}

#[test]
fn bounds_hold() {
    let values = json!({
        "from": -1, "to": 11, "every": "500ms", "size": "2MiB", "share": 1.5, "name": "", "tags": ["a", "b", "c"],
        "letter": "A",
    });
    assert_eq!(
        faults::<Window>(values),
        [
            "`from` must be at least 0, not -1",
            "`to` must be at most 10, not 11",
            "`every` must be at least 1s, not 500ms",
            "`size` must be at most 1MiB, not 2MiB",
            "`share` must be at most 1.0, not 1.5",
            "`name` must not be empty",
            "`tags` must have at most 2 elements, not 3",
            "`letter` must be lower case",
        ]
    );
    let config: Window =
        read(json!({"from": 0, "to": 10, "every": "1s", "size": 1 << 20, "name": "äöü", "share": 0}));
    assert_eq!((config.every, config.size), (Duration::from_secs(1), Some(ByteSize(1 << 20))));
    assert_eq!((config.share, config.name.as_deref(), config.letter.as_str()), (0.0, Some("äöü"), "a"));
    assert!(config.tags.is_empty());
}

#[test]
fn a_rule_across_fields_is_asked_once_the_fields_are_right() {
    assert_eq!(faults::<Window>(json!({"from": 5, "to": 4})), ["`from` (5) must not be after `to` (4)"]);
    assert_eq!(faults::<Window>(json!({"from": 5, "to": "4"})).len(), 1);
}

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Outer {
    table: Table,
}

#[derive(Config, Debug)]
#[config(check = "Table::widths")]
struct Table {
    columns: Vec<String>,
    types: Vec<String>,
}

impl Table {
    fn widths(&self) -> Result<(), BoxError> {
        let mut faults = Faults::new();
        for extra in self.columns.len()..self.types.len() {
            faults.add(format!("types[{extra}]"), "has no column: remove it");
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    }
}

#[test]
fn a_check_may_name_its_fields() {
    assert_eq!(
        faults::<Outer>(json!({"table": {"columns": ["a"], "types": ["x", "y", "z"]}})),
        ["`table.types[1]` has no column: remove it", "`table.types[2]` has no column: remove it"]
    );
}

#[derive(Debug)]
struct Odd(i64);

impl ConfigValue for Odd {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Integer)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let number = i64::read(input, faults)?;
        if number % 2 == 0 {
            input.mismatch("an odd integer", faults);
        }
        // 13 breaks the promise to give a reason.
        (number % 2 != 0 && number != 13).then_some(Odd(number))
    }

    fn to_json(&self) -> Value {
        self.0.into()
    }
}

#[test]
fn a_type_of_ones_own_is_read() {
    #[derive(Config, Debug)]
    struct Own {
        odd: Odd,
    }
    assert_eq!(read::<Own>(json!({"odd": 3})).odd.0, 3);
    assert_eq!(faults::<Own>(json!({"odd": 4})), ["`odd` must be an odd integer, not the number 4"]);
    assert_eq!(faults::<Own>(json!({"odd": 13})), ["a value was refused without a reason"]);
}
