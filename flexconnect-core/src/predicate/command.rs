//! Predicates in the JSON command: `{"column": "id", "op": ">=", "value": 5}`, lists, `and`, `or`.

use arrow_schema::Schema;
use serde_json::{Map, Value as Json, json};

use super::comparable::invalid;
use super::filter::find;
use super::{CompareOp, Filter, Predicate, Value};
use crate::error::Error;
use crate::nearest::nearest;
use crate::scalar::json::describe;

/// How deep `and` and `or` may be nested.
const DEEPEST: usize = 32;

/// How many conditions one list of filters may have.
const MOST_LEAVES: usize = 10_000;

const KEYS: [&str; 6] = ["column", "op", "value", "values", "or", "and"];

const OPERATORS: [&str; 12] = [
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not in",
    "is null",
    "is not null",
    "starts with",
    "not starts with",
];

impl Predicate {
    /// Reads one filter of the JSON command for a table of this schema.
    ///
    /// ```
    /// use flexconnect_core::Predicate;
    /// use flexconnect_core::arrow_schema::{DataType, Field, Schema};
    /// use serde_json::json;
    ///
    /// let schema = Schema::new(vec![Field::new("day", DataType::Date32, true)]);
    /// let filter = json!({"column": "day", "op": ">=", "value": "2024-05-17"});
    /// let predicate = Predicate::from_json(&filter, &schema)?;
    /// assert_eq!(predicate.to_string(), "day >= 2024-05-17");
    /// assert_eq!(predicate.to_json(), filter);
    /// # Ok::<(), flexconnect_core::Error>(())
    /// ```
    ///
    /// The forms are `{"column", "op", "value"}` with `=` `!=` `<` `<=` `>` `>=`, `"starts with"` and
    /// `"not starts with"`; `{"column", "op", "values": [..]}` with `"in"` and `"not in"`; `{"column", "op"}`
    /// with `"is null"` and `"is not null"`; `{"or": [..]}` and `{"and": [..]}`. Values are read by the
    /// column's type, see [`Value::from_json`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) with the place (`filter.or[0].value`),
    /// for everything that is not one of these forms, does not fit the schema, is nested more than 32 deep or
    /// has more than 10,000 conditions.
    pub fn from_json(filter: &Json, schema: &Schema) -> Result<Predicate, Error> {
        Parser { schema, leaves: 0 }.predicate(filter, "filter", 0)
    }

    /// Reads the `filters` of the JSON command: a list of filters that must all be true.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json), with places such as `filters[2].or[0]`.
    pub fn list_from_json(filters: &Json, schema: &Schema) -> Result<Vec<Predicate>, Error> {
        Parser { schema, leaves: 0 }.list(filters, "filters", 0)
    }

    /// This predicate in the form that [`from_json`](Self::from_json) reads.
    ///
    /// Reading it back for the schema it was read for gives an equal predicate.
    pub fn to_json(&self) -> Json {
        let op = |negated: &bool, plain: &'static str, opposite: &'static str| {
            if *negated { opposite } else { plain }
        };
        match self {
            Predicate::Compare { column, op, value } => {
                json!({"column": column, "op": op.as_str(), "value": value.to_json()})
            }
            Predicate::In { column, values, negated } => {
                let values: Vec<Json> = values.iter().map(Value::to_json).collect();
                json!({"column": column, "op": op(negated, "in", "not in"), "values": values})
            }
            Predicate::IsNull { column, negated } => {
                json!({"column": column, "op": op(negated, "is null", "is not null")})
            }
            Predicate::StartsWith { column, prefix, negated } => {
                json!({"column": column, "op": op(negated, "starts with", "not starts with"), "value": prefix})
            }
            Predicate::And(parts) => json!({"and": parts.iter().map(Predicate::to_json).collect::<Vec<_>>()}),
            Predicate::Or(parts) => json!({"or": parts.iter().map(Predicate::to_json).collect::<Vec<_>>()}),
        }
    }
}

struct Parser<'a> {
    schema: &'a Schema,
    leaves: usize,
}

impl Parser<'_> {
    fn list(&mut self, filters: &Json, path: &str, depth: usize) -> Result<Vec<Predicate>, Error> {
        let Json::Array(filters) = filters else {
            return Err(invalid(format!(
                "`{path}`: a list of filters is expected, not {}",
                describe(filters)
            )));
        };
        if depth > DEEPEST {
            return Err(invalid(format!("`{path}`: `and` and `or` are nested more than {DEEPEST} deep")));
        }
        let parts = filters.iter().enumerate();
        parts.map(|(index, filter)| self.predicate(filter, &format!("{path}[{index}]"), depth)).collect()
    }

    fn predicate(&mut self, filter: &Json, path: &str, depth: usize) -> Result<Predicate, Error> {
        let Json::Object(filter) = filter else {
            return Err(invalid(format!(
                "`{path}`: a filter is an object such as {{\"column\": \"id\", \"op\": \">=\", \"value\": 5}}, not {}",
                describe(filter)
            )));
        };
        for (key, make) in [("or", Predicate::Or as fn(_) -> _), ("and", Predicate::And)] {
            if let Some(parts) = filter.get(key) {
                only(filter, &[key], path, &format!("`{key}`"))?;
                return Ok(make(self.list(parts, &format!("{path}.{key}"), depth + 1)?));
            }
        }
        self.leaves += 1;
        if self.leaves > MOST_LEAVES {
            return Err(invalid(format!(
                "`{path}`: more than {MOST_LEAVES} conditions; put the values of one column in one `in`"
            )));
        }
        self.leaf(filter, path)
    }

    fn leaf(&self, filter: &Map<String, Json>, path: &str) -> Result<Predicate, Error> {
        // A misspelt key is the likelier mistake than a missing one, so it is named first.
        only(filter, &KEYS, path, "a filter")?;
        let column = string(filter, "column", path)?.to_owned();
        let op = string(filter, "op", path)?;
        let (_, data_type) =
            find(self.schema, &column).map_err(|error| at(&error, &format!("{path}.column")))?;
        let read = |value: &Json, place: String| {
            Value::from_json(value, data_type).map_err(|error| at(&error, &place).with_column(&column))
        };
        let value = || {
            only(filter, &["column", "op", "value"], path, &format!("the operator `{op}`"))?;
            filter.get("value").ok_or_else(|| invalid(format!("`{path}`: the key `value` is missing")))
        };
        let negated = matches!(op, "not in" | "is not null" | "not starts with");
        let predicate = match op {
            "in" | "not in" => {
                only(filter, &["column", "op", "values"], path, &format!("the operator `{op}`"))?;
                let Some(Json::Array(values)) = filter.get("values") else {
                    return Err(invalid(format!("`{path}`: the operator `{op}` needs a list of `values`")));
                };
                let values = values.iter().enumerate();
                let values = values.map(|(index, value)| read(value, format!("{path}.values[{index}]")));
                Predicate::In { values: values.collect::<Result<_, _>>()?, column, negated }
            }
            "is null" | "is not null" => {
                only(filter, &["column", "op"], path, &format!("the operator `{op}`"))?;
                Predicate::IsNull { column, negated }
            }
            "starts with" | "not starts with" => match value()? {
                Json::String(prefix) => Predicate::StartsWith { column, prefix: prefix.clone(), negated },
                other => {
                    let what = describe(other);
                    return Err(invalid(format!("`{path}.value`: `{op}` takes text, not {what}")));
                }
            },
            sign => match CompareOp::ALL.into_iter().find(|op| op.as_str() == sign) {
                Some(op) => {
                    Predicate::Compare { value: read(value()?, format!("{path}.value"))?, column, op }
                }
                None => return Err(invalid(format!("`{path}.op`: {}", unknown_operator(sign)))),
            },
        };
        // What the form cannot say is left to the check that every predicate passes.
        Filter::new(std::slice::from_ref(&predicate), self.schema).map_err(|error| at(&error, path))?;
        Ok(predicate)
    }
}

/// The same error, its message behind the place in the command.
fn at(error: &Error, path: &str) -> Error {
    let moved = invalid(format!("`{path}`: {}", error.message()));
    match &error.place().column {
        Some(column) => moved.with_column(column),
        None => moved,
    }
}

fn string<'a>(filter: &'a Map<String, Json>, key: &str, path: &str) -> Result<&'a str, Error> {
    match filter.get(key) {
        Some(Json::String(text)) => Ok(text),
        Some(other) => Err(invalid(format!("`{path}.{key}`: text is expected, not {}", describe(other)))),
        None => Err(invalid(format!("`{path}`: the key `{key}` is missing"))),
    }
}

/// Refuses keys beside those allowed.
fn only(filter: &Map<String, Json>, allowed: &[&str], path: &str, whose: &str) -> Result<(), Error> {
    let Some(key) = filter.keys().find(|key| !allowed.contains(&key.as_str())) else { return Ok(()) };
    let hint = match nearest(key, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let keys: Vec<_> = allowed.iter().map(|key| format!("`{key}`")).collect();
            format!("the keys of {whose} are {}", keys.join(", "))
        }
    };
    let key: String = key.chars().take(40).collect();
    Err(invalid(format!("`{path}`: `{key}` is not a key of {whose}; {hint}")))
}

fn unknown_operator(sign: &str) -> String {
    let meant = match sign {
        "==" | "eq" | "is" => Some("="),
        "<>" | "ne" | "neq" | "=!" => Some("!="),
        "lt" => Some("<"),
        "le" | "lte" | "=<" => Some("<="),
        "gt" => Some(">"),
        "ge" | "gte" | "=>" => Some(">="),
        _ if sign.chars().count() > 2 => nearest(&sign.replace('_', " "), OPERATORS),
        _ => OPERATORS.into_iter().find(|operator| operator.eq_ignore_ascii_case(sign)),
    };
    let hint = match meant {
        Some(operator) => format!("did you mean `{operator}`?"),
        None => format!("the operators are {}", OPERATORS.map(|operator| format!("`{operator}`")).join(", ")),
    };
    let sign: String = sign.chars().take(40).collect();
    format!("`{sign}` is not an operator; {hint}")
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field, TimeUnit};

    use super::*;

    fn schema() -> Schema {
        let list = DataType::List(Field::new_list_field(DataType::Int8, true).into());
        Schema::new(vec![
            Field::new("id", DataType::Int64, false),
            Field::new("name", DataType::Utf8, true),
            Field::new("price", DataType::Decimal128(10, 2), true),
            Field::new("seen", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true),
            Field::new("tags", list, true),
        ])
    }

    fn error(filters: Json) -> String {
        Predicate::list_from_json(&filters, &schema()).unwrap_err().to_string()
    }

    #[test]
    fn every_form_round_trips() {
        let filters = json!([
            {"column": "id", "op": ">=", "value": "9007199254740993"},
            {"column": "price", "op": "!=", "value": "12.50"},
            {"column": "seen", "op": "<", "value": "2024-05-17T08:30:00.25Z"},
            {"column": "id", "op": "in", "values": [1, 2]},
            {"column": "name", "op": "not in", "values": []},
            {"column": "tags", "op": "is null"},
            {"column": "name", "op": "is not null"},
            {"column": "name", "op": "starts with", "value": "A"},
            {"column": "name", "op": "not starts with", "value": ""},
            {"or": [{"and": []}, {"column": "id", "op": "=", "value": 5}, {"or": []}]},
        ]);
        let predicates = Predicate::list_from_json(&filters, &schema()).unwrap();
        assert_eq!(Json::from_iter(predicates.iter().map(Predicate::to_json)), filters);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let nested = json!([{"column": "id", "op": "=", "value": 1}, {"or": [{"column": "id", "op": "=", "value": 5.5}]}]);
        assert_eq!(
            error(nested),
            "column `id`: `filters[1].or[0].value`: the number `5.5` does not fit Int64: it has a fraction"
        );
        for (filter, expected) in [
            (
                json!({"column": "idd", "op": "=", "value": 1}),
                "`filters[0].column`: there is no column `idd`; did you mean `id`?",
            ),
            (json!({"column": "xxxxx", "op": "=", "value": 1}), "the columns are `id`, `name`"),
            (
                json!({"column": "id", "op": "==", "value": 1}),
                "`filters[0].op`: `==` is not an operator; did you mean `=`?",
            ),
            (json!({"column": "id", "op": "is nul"}), "did you mean `is null`?"),
            (json!({"column": "id", "op": "IN", "values": []}), "did you mean `in`?"),
            (json!({"column": "id", "op": "starts_with", "values": []}), "did you mean `starts with`?"),
            (json!({"column": "id", "op": "%", "value": 1}), "the operators are `=`, `!=`"),
            (
                json!({"colum": "id", "op": "=", "value": 1}),
                "`colum` is not a key of a filter; did you mean `column`?",
            ),
            (
                json!({"column": "id", "op": "=", "values": [1]}),
                "`values` is not a key of the operator `=`; did you mean `value`?",
            ),
            (json!({"column": "id", "op": "=", "value": null}), "use the operator `is null`"),
            (json!({"column": "id", "op": "="}), "the key `value` is missing"),
            (json!({"column": "id", "op": "in", "values": 5}), "needs a list of `values`"),
            (json!({"column": "id", "op": "in", "values": [1, "x"]}), "`filters[0].values[1]`"),
            (
                json!({"column": "id", "op": "starts with", "value": "1"}),
                "`starts with` applies to text; a number fits",
            ),
            (json!({"column": "name", "op": "starts with", "value": 1}), "takes text, not the number `1`"),
            (json!({"column": "tags", "op": "=", "value": [1]}), "only `is null` and `is not null` apply"),
            (json!({"column": "id"}), "the key `op` is missing"),
            (json!({"column": 5, "op": "="}), "`filters[0].column`: text is expected"),
            (json!({"or": [], "and": []}), "`and` is not a key of `or`"),
            (json!({"or": {}}), "`filters[0].or`: a list of filters is expected"),
            (json!("id > 5"), "a filter is an object"),
        ] {
            let message = error(json!([filter]));
            assert!(message.contains(expected), "{message}");
        }
        assert!(error(json!({})).starts_with("`filters`: a list of filters is expected"));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let leaf = json!({"column": "id", "op": "=", "value": 1});
        let nested = |levels| (0..levels).fold(leaf.clone(), |inner, _| json!({"or": [inner]}));
        assert!(Predicate::from_json(&nested(32), &schema()).is_ok());
        let message = Predicate::from_json(&nested(33), &schema()).unwrap_err().to_string();
        assert!(message.ends_with("nested more than 32 deep"), "{message}");
        assert_eq!(
            Predicate::list_from_json(&json!(vec![leaf.clone(); 10_000]), &schema()).unwrap().len(),
            10_000
        );
        assert!(error(json!(vec![leaf; 10_001])).contains("more than 10000 conditions"));
    }
}
