//! Contexts nobody would send, and some would.

use flexconnect_core::arrow_schema::{DataType, Field, Schema};
use flexconnect_flight::gooddata::context::{
    ExecutionContext, Filter, FilterTarget, LabelElementsExecutionRequest,
};
use serde_json::{Value, json};

use super::{calendar, read, report};

#[test]
fn ten_thousand_filters_are_just_more() {
    let filters: Vec<_> = (0..10_000)
        .map(|index| match index % 3 {
            0 => json!({"filterType": "positiveAttributeFilter", "labelIdentifier": "l", "values": [index.to_string()]}),
            1 => json!({"filterType": "absoluteDateFilter", "datasetIdentifier": "d", "from": "2024-01-01", "to": "2024-12-31"}),
            _ => json!({"filterType": "nobodyKnows", "index": index}),
        })
        .collect();
    let context = read(report("filters", filters.into())).unwrap();
    assert_eq!(context.filters.len(), 10_000);
    let schema =
        Schema::new(vec![Field::new("l", DataType::Utf8, true), Field::new("d", DataType::Date32, true)]);
    let same = |target: FilterTarget<'_>| match target {
        FilterTarget::Label(_) => Some("l"),
        FilterTarget::Dataset(_) => Some("d"),
    };
    let made = context.predicates(&schema, same).unwrap();
    assert_eq!((made.predicates.len(), made.left_over.len()), (6_667, 3_333));
}

#[test]
fn a_filter_of_many_values() {
    let values: Vec<_> = (0..100_000).map(|value| value.to_string()).collect();
    let filter = json!({"filterType": "negativeAttributeFilter", "labelIdentifier": "l", "values": values});
    let filter: Filter = serde_json::from_value(filter).unwrap();
    let calendar = calendar("2024-01-01T00:00:00Z", "UTC");
    let predicate = filter.to_predicate(&Field::new("l", DataType::Int64, true), &calendar).unwrap();
    assert!(predicate.is_some());
    assert_eq!(filter.matches("99999"), Some(false));
}

#[test]
fn deep_json_is_kept_or_refused() {
    let deep = |depth: usize| {
        let open = r#"{"a":["#.repeat(depth);
        let close = "]}".repeat(depth);
        format!(
            r#"{{"executionType":"REPORT","filters":[{open}{close}],"attributes":[],"more":{open}{close}}}"#
        )
    };
    let context: ExecutionContext = serde_json::from_str(&deep(50)).unwrap();
    assert!(matches!(&context.filters[0], Filter::Unknown(raw) if raw["a"][0]["a"][0]["a"].is_array()));
    assert!(serde_json::from_str::<ExecutionContext>(&deep(100_000)).is_err());
}

#[test]
fn huge_numbers_are_refused_where_they_count() {
    for number in ["1e400", "1e30", "9223372036854775808", "-9223372036854775809", "0.1"] {
        let filter = format!(
            r#"{{"filterType":"relativeDateFilter","datasetIdentifier":"d","granularity":"DAY","from":0,"to":{number}}}"#
        );
        assert!(serde_json::from_str::<Filter>(&filter).is_err(), "{number}");
    }
    for number in ["18446744073709551616", "-1", "-1.0", "1e30", "2.5"] {
        let request = format!(r#"{{"label":"l","offset":{number}}}"#);
        assert!(serde_json::from_str::<LabelElementsExecutionRequest>(&request).is_err(), "{number}");
    }
}

#[test]
fn whole_numbers_may_have_a_point() {
    for (number, expected) in
        [("-6.0", -6), ("0.0", 0), ("-0.0", 0), ("1e3", 1_000), ("9007199254740991.0", 9_007_199_254_740_991)]
    {
        let filter = format!(
            r#"{{"filterType":"relativeDateFilter","datasetIdentifier":"d","granularity":"DAY","from":{number},"to":0}}"#
        );
        let Filter::RelativeDate(filter) = serde_json::from_str(&filter).unwrap() else { panic!("{number}") };
        assert_eq!(filter.from, expected, "{number}");
    }
    let request = r#"{"label":"l","offset":0.0,"limit":500.0}"#;
    let request: LabelElementsExecutionRequest = serde_json::from_str(request).unwrap();
    assert_eq!((request.offset, request.limit), (0, Some(500)));
    assert!(serde_json::from_str::<LabelElementsExecutionRequest>(r#"{"label":"l","limit":0.0}"#).is_err());
    // From here on a float may stand for the whole number next to it.
    for number in ["9007199254740992.0", "-9007199254740993.0", "-9223372036854775809"] {
        let filter = format!(
            r#"{{"filterType":"relativeDateFilter","datasetIdentifier":"d","granularity":"DAY","from":{number},"to":0}}"#
        );
        assert!(serde_json::from_str::<Filter>(&filter).is_err(), "{number}");
    }
}

#[test]
fn every_value_in_every_place_is_read_or_named() {
    let whole: Value = serde_json::from_str(include_str!("report.json")).unwrap();
    let elements: Value = serde_json::from_str(include_str!("label_elements.json")).unwrap();
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}é"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"": null}),
    ];
    let schema = Schema::new(vec![Field::new("c", DataType::Utf8, true)]);
    let (mut read_well, mut refused) = (0, 0);
    for context in [whole, elements] {
        let mut places = Vec::new();
        pointers(&context, String::new(), &mut places);
        assert!(places.len() > 15);
        for place in &places {
            for value in &odd {
                let mut changed = context.clone();
                *changed.pointer_mut(place).unwrap() = value.clone();
                match read(changed) {
                    Ok(context) => {
                        read_well += 1;
                        // An error is an answer too.
                        drop(context.predicates(&schema, |_| Some("c")));
                        drop(context.calendar());
                    }
                    Err(error) => {
                        refused += 1;
                        assert!(
                            error.message().starts_with("`parameters.executionContext"),
                            "{place}: {error}"
                        );
                    }
                }
            }
        }
    }
    assert!(read_well > 300 && refused > 100, "{read_well} {refused}");
}

/// The places of all values in a JSON value, its own aside.
fn pointers(value: &Value, at: String, places: &mut Vec<String>) {
    let mut visit = |key: String, value: &Value| {
        let place = format!("{at}/{key}");
        pointers(value, place.clone(), places);
        places.push(place);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| visit(key.clone(), value)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| visit(index.to_string(), value))
        }
        _ => {}
    }
}
