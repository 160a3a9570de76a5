//! What filters keep, as predicates on columns.

use std::sync::Arc;

use flexconnect_core::arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, types::Int32Type,
};
use flexconnect_core::arrow_schema::{DataType, Field, Schema, TimeUnit};
use flexconnect_core::{Error, ErrorKind, Predicate};
use flexconnect_flight::gooddata::context::jiff::Timestamp;
use flexconnect_flight::gooddata::context::{Calendar, Filter, FilterTarget};
use serde_json::{Value, json};

use super::{absolute, calendar, filter, read, relative, report};

fn here() -> Calendar {
    calendar("2024-03-31T12:00:00Z", "Europe/Prague")
}

fn predicate(filter: &Filter, field: &Field) -> Option<Predicate> {
    filter.to_predicate(field, &here()).unwrap()
}

fn text(filter: &Filter, data_type: DataType) -> Option<String> {
    predicate(filter, &Field::new("c", data_type, true)).map(|predicate| predicate.to_string())
}

fn attribute(positive: bool, values: Value) -> Filter {
    let kind = if positive { "positiveAttributeFilter" } else { "negativeAttributeFilter" };
    filter(kind, json!({"labelIdentifier": "l", "values": values}))
}

fn matching(match_type: &str, literal: &str, negate: bool, case_sensitive: bool) -> Filter {
    let fields = json!({"labelIdentifier": "l", "matchType": match_type, "literal": literal,
                        "negate": negate, "caseSensitive": case_sensitive});
    filter("matchAttributeFilter", fields)
}

/// The rows of a column a predicate keeps.
fn kept(predicate: &Predicate, column: ArrayRef) -> Vec<bool> {
    let field = Field::new("c", column.data_type().clone(), true);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column]).unwrap();
    let truth: BooleanArray = predicate.evaluate(&batch).unwrap();
    (0..truth.len()).map(|row| truth.is_valid(row) && truth.value(row)).collect()
}

#[test]
fn a_predicate_keeps_what_the_filter_keeps() {
    let rows = [Some("EU"), Some("eu"), Some(""), None, Some("EUR"), Some("x")];
    let columns: [ArrayRef; 2] =
        [Arc::new(StringArray::from(rows.to_vec())), Arc::new(DictionaryArray::<Int32Type>::from_iter(rows))];
    let lists = [json!([]), json!([null]), json!(["EU"]), json!(["EU", null, ""]), json!(["other"])];
    let mut filters: Vec<_> = lists
        .iter()
        .flat_map(|list| [true, false].map(|positive| attribute(positive, list.clone())))
        .collect();
    for literal in ["EU", "", "E", "y"] {
        filters.extend([true, false].map(|negate| matching("STARTS_WITH", literal, negate, true)));
    }
    for filter in &filters {
        let expected: Vec<_> = rows.iter().map(|row| filter.matches(*row).unwrap()).collect();
        for column in &columns {
            let field = Field::new("c", column.data_type().clone(), true);
            let predicate = predicate(filter, &field).unwrap();
            assert_eq!(kept(&predicate, column.clone()), expected, "{filter:?}: {predicate}");
        }
    }
}

#[test]
fn null_belongs_to_the_negative_unless_it_is_named() {
    let shown = |filter| text(&filter, DataType::Utf8).unwrap();
    assert_eq!(shown(attribute(true, json!(["a"]))), "c IN ('a')");
    assert_eq!(shown(attribute(true, json!(["a", null]))), "(c IN ('a') OR c IS NULL)");
    assert_eq!(shown(attribute(true, json!([null]))), "c IS NULL");
    assert_eq!(shown(attribute(true, json!([]))), "c IN ()");
    assert_eq!(shown(attribute(false, json!(["a"]))), "(c NOT IN ('a') OR c IS NULL)");
    assert_eq!(shown(attribute(false, json!(["a", null]))), "c NOT IN ('a')");
    assert_eq!(shown(attribute(false, json!([null]))), "c IS NOT NULL");
    assert_eq!(shown(attribute(false, json!([]))), "(TRUE)");

    let never_null = Field::new("c", DataType::Utf8, false);
    let filter = attribute(false, json!(["a"]));
    assert_eq!(predicate(&filter, &never_null).unwrap().to_string(), "c NOT IN ('a')");
}

#[test]
fn values_are_read_as_the_column_has_them() {
    let list = |values| text(&attribute(true, values), DataType::Int64);
    assert_eq!(list(json!(["5", "-7"])).as_deref(), Some("c IN (5, -7)"));
    // Not a number: which rows it means is not certain, so nothing is said.
    assert_eq!(list(json!(["5", "five"])), None);
    let of = |value: &str, data_type| text(&attribute(true, json!([value])), data_type);
    assert_eq!(of("2.50", DataType::Decimal128(9, 2)).as_deref(), Some("c IN (2.50)"));
    assert_eq!(of("true", DataType::Boolean).as_deref(), Some("c IN (true)"));
    assert_eq!(of("1", DataType::Boolean), None);
    assert_eq!(of("2024-05-17", DataType::Date32).as_deref(), Some("c IN (2024-05-17)"));
    assert_eq!(of("2024-05", DataType::Date32), None);
    assert_eq!(of("2024-05-17T00:00:00", DataType::Timestamp(TimeUnit::Second, None)), None);
    assert_eq!(of("00ff", DataType::Binary), None);
    assert_eq!(of("x", DataType::List(Field::new_list_field(DataType::Utf8, true).into())), None);

    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), None, Some(6)]));
    let field = Field::new("c", DataType::Int64, true);
    let not_five = predicate(&attribute(false, json!(["5"])), &field).unwrap();
    assert_eq!(kept(&not_five, numbers), [false, true, true]);
}

#[test]
fn a_number_is_written_in_one_way() {
    let numbers = [Some(5), None, Some(0), Some(-7)];
    let column: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
    let field = Field::new("c", DataType::Int64, true);
    let other = ["05", "+5", "-0", "00", "-07"];
    for values in
        [json!(other), json!(["5", "05"]), json!(["+5", null]), json!(["5", "-7", "-0"]), json!(["0", "00"])]
    {
        for positive in [true, false] {
            let filter = attribute(positive, values.clone());
            let shown = numbers.map(|number| number.map(|number: i64| number.to_string()));
            let expected = shown.map(|text| filter.matches(text.as_deref()).unwrap());
            let predicate = predicate(&filter, &field).unwrap();
            assert_eq!(kept(&predicate, column.clone()), expected, "{values}: {predicate}");
        }
    }
    let of = |positive, values, data_type| text(&attribute(positive, values), data_type);
    for data_type in [DataType::Int8, DataType::UInt64] {
        assert_eq!(of(true, json!(["05"]), data_type.clone()).as_deref(), Some("c IN ()"));
        assert_eq!(of(true, json!(["05", null]), data_type.clone()).as_deref(), Some("c IS NULL"));
        assert_eq!(of(false, json!(["+5"]), data_type.clone()).as_deref(), Some("(TRUE)"));
        assert_eq!(of(false, json!(["+5", null]), data_type).as_deref(), Some("c IS NOT NULL"));
    }

    // With a point it is not certain how many zeros a label shows: only the column's own writing is a value.
    let cents = DataType::Decimal128(9, 2);
    for (value, data_type, expected) in [
        ("0.1", DataType::Float32, Some("c IN (0.10000000149011612)")),
        ("0.100000001", DataType::Float32, None),
        ("0.1", DataType::Float64, Some("c IN (0.1)")),
        ("5", DataType::Float64, Some("c IN (5)")),
        ("5.0", DataType::Float64, None),
        ("05", DataType::Float64, None),
        ("+0.1", DataType::Float64, None),
        ("1e1", DataType::Float64, None),
        ("-0", DataType::Float64, None),
        ("0.50", cents.clone(), Some("c IN (0.50)")),
        ("-0.50", cents.clone(), Some("c IN (-0.50)")),
        (".5", cents.clone(), None),
        ("0.5", cents.clone(), None),
        ("00.50", cents.clone(), None),
        ("50e-2", cents, None),
        ("5", DataType::Decimal256(9, 0), Some("c IN (5)")),
    ] {
        assert_eq!(of(true, json!([value]), data_type.clone()).as_deref(), expected, "{value} {data_type}");
    }
}

#[test]
fn only_the_beginning_in_its_case_is_a_predicate() {
    assert_eq!(
        text(&matching("STARTS_WITH", "a'b", false, true), DataType::Utf8View).as_deref(),
        Some("c STARTS WITH 'a''b'"),
    );
    assert_eq!(
        text(&matching("STARTS_WITH", "a", true, true), DataType::Utf8).as_deref(),
        Some("(c NOT STARTS WITH 'a' OR c IS NULL)"),
    );
    for match_type in ["CONTAINS", "STARTS_WITH", "ENDS_WITH", "SOUNDS_LIKE"] {
        assert_eq!(text(&matching(match_type, "a", false, false), DataType::Utf8), None);
    }
    assert_eq!(text(&matching("CONTAINS", "a", false, true), DataType::Utf8), None);
    assert_eq!(text(&matching("STARTS_WITH", "1", false, true), DataType::Int64), None);
}

#[test]
fn a_match_is_evaluated_on_text() {
    for (match_type, literal, case_sensitive, expected) in [
        ("CONTAINS", "AM", false, [true, false, true]),
        ("CONTAINS", "am", true, [true, false, false]),
        ("STARTS_WITH", "h", false, [true, false, false]),
        ("STARTS_WITH", "h", true, [false, false, false]),
        ("ENDS_WITH", "G", false, [true, true, false]),
        ("ENDS_WITH", "", true, [true, true, true]),
    ] {
        for negate in [false, true] {
            let filter = matching(match_type, literal, negate, case_sensitive);
            let found =
                ["Hamburg", "Straßburg", "AMIENS"].map(|city| filter.matches(city).unwrap() != negate);
            assert_eq!(found, expected, "{match_type} {literal}");
            assert_eq!(filter.matches(None), Some(negate));
        }
    }
    assert_eq!(matching("CONTAINS", "SSB", false, false).matches("Straßburg"), Some(false));
    assert_eq!(matching("ENDS_WITH", "ÉE", false, false).matches("Année"), Some(true));
    assert_eq!(matching("SOUNDS_LIKE", "x", false, false).matches("x"), None);
    assert_eq!(matching("SOUNDS_LIKE", "x", false, false).matches(None), None);
}

#[test]
fn dates_fit_dates_clocks_and_instants() {
    // The last Sunday of March 2024 had 23 hours in Prague.
    let today = relative("DAY", 0, 0);
    let instant = |zone: &str| DataType::Timestamp(TimeUnit::Nanosecond, Some(zone.into()));
    let clock = DataType::Timestamp(TimeUnit::Millisecond, None);
    for (data_type, expected) in [
        (DataType::Date32, "(c >= 2024-03-31 AND c < 2024-04-01)"),
        (DataType::Date64, "(c >= 2024-03-31 AND c < 2024-04-01)"),
        (clock, "(c >= 2024-03-31T00:00:00 AND c < 2024-04-01T00:00:00)"),
        (instant("UTC"), "(c >= 2024-03-30T23:00:00Z AND c < 2024-03-31T22:00:00Z)"),
        (instant("Asia/Tokyo"), "(c >= 2024-03-30T23:00:00Z AND c < 2024-03-31T22:00:00Z)"),
        (
            DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Date32)),
            "(c >= 2024-03-31 AND c < 2024-04-01)",
        ),
    ] {
        assert_eq!(text(&today, data_type.clone()).as_deref(), Some(expected), "{data_type}");
    }
    assert_eq!(text(&today, DataType::Utf8), None);
    assert_eq!(text(&today, DataType::Int64), None);
    assert_eq!(text(&relative("DAY_OF_WEEK", 1, 2), DataType::Date32), None);

    // A day is not within an hour.
    let hour = relative("HOUR", 0, 0);
    assert_eq!(text(&hour, DataType::Date32), None);
    assert_eq!(
        text(&hour, instant("UTC")).as_deref(),
        Some("(c >= 2024-03-31T12:00:00Z AND c < 2024-03-31T13:00:00Z)"),
    );
    // A minute's end at midnight is a day's.
    assert_eq!(
        text(&absolute("2024-03-01", "2024-03-31 23:59"), DataType::Date32).as_deref(),
        Some("(c >= 2024-03-01 AND c < 2024-04-01)"),
    );
    assert_eq!(text(&absolute("2024-03-01 00:01", "2024-03-31"), DataType::Date32), None);
}

#[test]
fn date_predicates_are_evaluated() {
    let quarter = relative("QUARTER", 0, 0);
    let of = |data_type| predicate(&quarter, &Field::new("c", data_type, true)).unwrap();
    // 2023-12-31, 2024-01-01, 2024-03-31, 2024-04-01
    let days: ArrayRef =
        Arc::new(Date32Array::from(vec![Some(19_722), Some(19_723), Some(19_813), Some(19_814), None]));
    assert_eq!(kept(&of(DataType::Date32), days), [false, true, true, false, false]);
    let micros = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
    let instants = [
        "2023-12-31T22:59:59.999999Z",
        "2023-12-31T23:00:00Z",
        "2024-03-31T21:59:59.999999Z",
        "2024-03-31T22:00:00Z",
    ];
    let instants = TimestampMicrosecondArray::from_iter_values(instants.map(micros)).with_timezone("UTC");
    let data_type = instants.data_type().clone();
    assert_eq!(kept(&of(data_type), Arc::new(instants)), [false, true, true, false]);
}

#[test]
fn a_key_that_may_change_the_meaning_is_left_to_the_author() {
    for (extra, known) in [(json!("INCLUDE"), false), (json!(null), true)] {
        let fields = json!({"datasetIdentifier": "d", "granularity": "DAY", "from": 0, "to": 0,
                            "emptyValueHandling": extra});
        let filter = filter("relativeDateFilter", fields);
        assert_eq!(text(&filter, DataType::Date32).is_some(), known);
        assert!(filter.range(&here()).unwrap().is_some());
    }
    let fields = json!({"labelIdentifier": "l", "values": ["a"], "nulls": "DROP"});
    let filter = filter("negativeAttributeFilter", fields);
    assert_eq!((text(&filter, DataType::Utf8), filter.matches("b")), (None, None));
}

fn context() -> Value {
    let mut context = report(
        "filters",
        json!([
            {"filterType": "positiveAttributeFilter", "labelIdentifier": "sales.region", "values": ["EU"]},
            {"filterType": "negativeAttributeFilter", "labelIdentifier": "elsewhere", "values": ["a"]},
            {"filterType": "relativeDateFilter", "datasetIdentifier": "order_date", "granularity": "MONTH", "from": -1, "to": -1},
            {"filterType": "relativeDateFilter", "datasetIdentifier": "order_date", "granularity": "DAY_OF_WEEK", "from": 1, "to": 1},
            {"filterType": "matchAttributeFilter", "labelIdentifier": "sales.region", "matchType": "CONTAINS", "literal": "E"},
            {"filterType": "brandNewFilter"},
            {"filterType": "negativeAttributeFilter", "labelIdentifier": "sales.gone", "values": []},
            {"filterType": "absoluteDateFilter", "datasetIdentifier": "order_date", "from": "2024-01-01", "to": "2024-12-31"},
        ]),
    );
    context["timestamp"] = "2024-03-31T23:30:00+00:00".into();
    context["timezone"] = "Europe/Prague".into();
    context
}

fn column_of(target: FilterTarget<'_>) -> Option<&str> {
    match target {
        FilterTarget::Label(label) => label.strip_prefix("sales."),
        FilterTarget::Dataset("order_date") => Some("day"),
        FilterTarget::Dataset(_) => None,
    }
}

fn schema() -> Schema {
    Schema::new(vec![Field::new("region", DataType::Utf8, true), Field::new("day", DataType::Date32, true)])
}

#[test]
fn all_filters_become_predicates_or_are_left_over() {
    let context = read(context()).unwrap();
    let made = context.predicates(&schema(), column_of).unwrap();
    let shown: Vec<_> = made.predicates.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "region IN ('EU')",
            // In Prague it is April already.
            "(day >= 2024-03-01 AND day < 2024-04-01)",
            "(day >= 2024-01-01 AND day < 2025-01-01)",
        ],
    );
    let left_over: Vec<_> = [1, 3, 4, 5, 6].iter().map(|index| &context.filters[*index]).collect();
    assert_eq!(made.left_over, left_over);

    let names = std::collections::HashMap::from([("order_date".to_owned(), "day".to_owned())]);
    let by_name = |target: FilterTarget<'_>| match target {
        FilterTarget::Dataset(id) => names.get(id).map(String::as_str),
        FilterTarget::Label(_) => None,
    };
    assert_eq!(context.predicates(&schema(), by_name).unwrap().predicates.len(), 2);
}

#[test]
fn a_clock_nobody_needs_may_be_wrong() {
    let mut wrong = context();
    wrong["timezone"] = "Middle/Earth".into();
    let context = read(wrong).unwrap();
    let error = context.predicates(&schema(), column_of).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().contains("`Middle/Earth`, which is no time zone known here"), "{error}");
    let without_dates = Schema::new(vec![Field::new("region", DataType::Utf8, true)]);
    assert_eq!(context.predicates(&without_dates, column_of).unwrap().predicates.len(), 1);
}

#[test]
fn only_a_range_that_depends_on_the_clock_needs_it() {
    let whole = json!({"filterType": "absoluteDateFilter", "from": "2024-01-01", "to": "2024-12-31"});
    let part =
        json!({"filterType": "absoluteDateFilter", "from": "2024-01-01 08:30", "to": "2024-01-01 08:30"});
    let periods = |granularity| json!({"filterType": "relativeDateFilter", "granularity": granularity, "from": 0, "to": 0});
    let instants = DataType::Timestamp(TimeUnit::Second, Some("UTC".into()));
    let clocks = DataType::Timestamp(TimeUnit::Second, None);
    for (key, value) in [("timestamp", "yesterday"), ("timezone", "Middle/Earth")] {
        let made = |filter: &Value, data_type: &DataType| {
            let mut filter = filter.clone();
            filter["datasetIdentifier"] = "d".into();
            let mut context = report("filters", json!([filter]));
            context[key] = value.into();
            let schema = Schema::new(vec![Field::new("c", data_type.clone(), true)]);
            let made = read(context).unwrap().predicates(&schema, |_| Some("c"))?.predicates;
            Ok::<_, Error>(made.first().map(ToString::to_string))
        };
        let shown =
            |filter: &Value, data_type: &DataType| made(filter, data_type).unwrap().unwrap_or_default();
        for days in [DataType::Date32, DataType::Date64] {
            assert_eq!(shown(&whole, &days), "(c >= 2024-01-01 AND c < 2025-01-01)");
        }
        assert_eq!(shown(&whole, &clocks), "(c >= 2024-01-01T00:00:00 AND c < 2025-01-01T00:00:00)");
        assert_eq!(shown(&part, &clocks), "(c >= 2024-01-01T08:30:00 AND c < 2024-01-01T08:31:00)");
        assert_eq!(shown(&part, &DataType::Date32), "");
        for granularity in ["FISCAL_MONTH", "FISCAL_QUARTER", "FISCAL_YEAR", "DAY_OF_WEEK", "DECADE"] {
            assert_eq!(shown(&periods(granularity), &DataType::Date32), "", "{granularity}");
        }
        // Nothing holds a text against dates.
        for filter in [&whole, &periods("DAY")] {
            assert_eq!(shown(filter, &DataType::Utf8), "");
        }
        for (filter, data_type) in
            [(&periods("DAY"), &DataType::Date32), (&periods("HOUR"), &clocks), (&whole, &instants)]
        {
            let error = made(filter, data_type).unwrap_err();
            assert!(error.message().contains(value), "{error}");
        }
        // A date that is none is one on every column.
        let none = json!({"filterType": "absoluteDateFilter", "from": "2024-02-30", "to": "2024-12-31"});
        for data_type in [&DataType::Date32, &DataType::Utf8] {
            let error = made(&none, data_type).unwrap_err();
            assert!(error.message().contains("`2024-02-30`, which is no date"), "{error}");
        }
    }
}

#[test]
fn what_elements_depend_on_becomes_predicates_too() {
    let context = json!({
        "executionType": "LABEL_ELEMENTS", "timestamp": "2024-03-31T12:00:00Z",
        "labelElementsExecutionRequest": {"label": "city", "dependsOn": [
            {"label": "sales.region", "values": ["EU"], "complementFilter": true},
            {"dateFilter": {"dataset": "order_date", "granularity": "YEAR", "from": 0, "to": 0}},
            {"label": "elsewhere", "values": []},
        ]},
    });
    let context = read(context).unwrap();
    let depends_on = &context.label_elements_execution_request.as_ref().unwrap().depends_on;
    let made = context.predicates_of(depends_on, &schema(), column_of).unwrap();
    let shown: Vec<_> = made.predicates.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["(region NOT IN ('EU') OR region IS NULL)", "(day >= 2024-01-01 AND day < 2025-01-01)"]
    );
    assert_eq!(made.left_over, [&depends_on[2]]);
}
