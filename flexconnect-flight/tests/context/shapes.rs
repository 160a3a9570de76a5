//! Shapes of a context: which are read, which are kept as they came, which are refused and where.

use flexconnect_core::ErrorKind;
use flexconnect_flight::gooddata::context::{
    Attribute, ExecutionType, Filter, FilterTarget, Granularity, InitiatorType,
    LabelElementsExecutionRequest, MatchType, SortDirection, ValidationType, WeekStart,
};
use serde_json::{Value, json};

use super::{absolute, filter, read, relative, report};

#[test]
fn what_is_missing_is_empty() {
    let context = read(json!({"executionType": "REPORT"})).unwrap();
    assert!(context.attributes.is_empty() && context.filters.is_empty());
    assert_eq!(context.workspace_id, "");
    assert_eq!(context.execution_initiator, None);
    let same = json!({"executionType": "REPORT", "attributes": null, "filters": null, "userId": null, "weekStart": ""});
    assert_eq!(read(same).unwrap(), context);
}

#[test]
fn attributes_have_an_order() {
    let attributes = json!([
        {"attributeIdentifier": "a", "attributeTitle": "A", "labelIdentifier": "a.l", "labelTitle": "L",
         "dateGranularity": "QUARTER_OF_YEAR", "sorting": {"sortColumn": "a.l", "sortDirection": "DESC"}},
        {"labelIdentifier": "b", "dateGranularity": "DECADE",
         "sorting": {"sortColumn": "b", "sortDirection": "RANDOM"}, "extra": [1]},
    ]);
    let attributes = read(report("attributes", attributes)).unwrap().attributes;
    assert_eq!(attributes[0].date_granularity, Some(Granularity::QuarterOfYear));
    let sorting = |attribute: &Attribute| attribute.sorting.clone().unwrap();
    assert_eq!(sorting(&attributes[0]).sort_column, "a.l");
    assert_eq!(sorting(&attributes[0]).sort_direction, SortDirection::Descending);
    assert_eq!(attributes[1].date_granularity, Some(Granularity::Other("DECADE".into())));
    assert_eq!(sorting(&attributes[1]).sort_direction.as_str(), "RANDOM");
    assert_eq!(attributes[1].rest["extra"], json!([1]));
}

#[test]
fn every_kind_of_filter_is_read() {
    let Filter::PositiveAttribute(positive) =
        filter("positiveAttributeFilter", json!({"labelIdentifier": "l", "values": ["a", null, ""]}))
    else {
        panic!()
    };
    assert_eq!(positive.values, [Some("a".into()), None, Some(String::new())]);

    let fields = json!({"labelIdentifier": "l", "matchType": "ENDS_WITH", "literal": "x", "negate": true});
    let Filter::MatchAttribute(matching) = filter("matchAttributeFilter", fields) else { panic!() };
    assert_eq!((&matching.match_type, &*matching.literal), (&MatchType::EndsWith, "x"));
    assert_eq!((matching.negate, matching.case_sensitive), (true, false));

    let dates = relative("DAY", -6, 0);
    assert_eq!(dates.target(), Some(FilterTarget::Dataset("d")));
    let Filter::RelativeDate(dates) = dates else { panic!() };
    assert_eq!((dates.granularity, dates.from, dates.to), (Granularity::Day, -6, 0));

    let Filter::AbsoluteDate(dates) = absolute("2024-1-2", "2024-01-02 08:30") else { panic!() };
    assert_eq!((&*dates.from, &*dates.to), ("2024-1-2", "2024-01-02 08:30"));
}

#[test]
fn what_is_not_known_is_kept_as_it_came() {
    let filters = json!([
        {"filterType": "rankingFilter", "top": 5},
        // GoodData's own form, which belongs in the report's request.
        {"negativeAttributeFilter": {"label": {"identifier": {"id": "l"}}, "notIn": {"values": ["a"]}}},
        {},
    ]);
    let context = read(report("filters", filters.clone())).unwrap();
    for (read, raw) in context.filters.iter().zip(filters.as_array().unwrap()) {
        assert_eq!(read, &Filter::Unknown(raw.clone()));
        assert_eq!(read.target(), None);
        assert_eq!(read.matches("a"), None);
    }

    let context = read(json!({
        "executionType": "FORECAST", "weekStart": "Saturday", "mood": {"deep": [1]},
        "executionInitiator": {"type": "robot", "serial": 5},
    }))
    .unwrap();
    assert_eq!(context.execution_type, ExecutionType::Other("FORECAST".into()));
    assert_eq!(context.week_start, Some(WeekStart::Other("Saturday".into())));
    assert_eq!(context.rest["mood"], json!({"deep": [1]}));
    let initiator = context.execution_initiator.unwrap();
    assert_eq!(initiator.initiator_type, Some(InitiatorType::Other("robot".into())));
    assert_eq!(initiator.rest["serial"], 5);
}

#[test]
fn every_granularity_is_a_word() {
    let words = "TIMESTAMP SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR SECOND_OF_MINUTE SECOND_OF_DAY \
                 MINUTE_OF_HOUR MINUTE_OF_DAY HOUR_OF_DAY DAY_OF_WEEK DAY_OF_MONTH DAY_OF_YEAR WEEK_OF_YEAR \
                 MONTH_OF_YEAR QUARTER_OF_YEAR FISCAL_MONTH FISCAL_QUARTER FISCAL_YEAR";
    for word in words.split_whitespace() {
        let granularity = Granularity::from(word);
        assert!(!matches!(granularity, Granularity::Other(_)), "{word}");
        assert_eq!(granularity.to_string(), word);
    }
}

#[test]
fn the_week_starts_in_any_case() {
    for (text, expected) in
        [("monday", WeekStart::Monday), ("MONDAY", WeekStart::Monday), ("Sunday", WeekStart::Sunday)]
    {
        assert_eq!(read(report("weekStart", text.into())).unwrap().week_start, Some(expected));
    }
}

#[test]
fn every_initiator_has_its_ids() {
    for (word, expected) in [
        ("display", InitiatorType::Display),
        ("adhocExport", InitiatorType::AdhocExport),
        ("automation", InitiatorType::Automation),
        ("alert", InitiatorType::Alert),
    ] {
        let initiator = json!({"type": word, "exportType": "CSV", "automationId": "a"});
        let initiator = read(report("executionInitiator", initiator)).unwrap().execution_initiator.unwrap();
        assert_eq!(initiator.initiator_type, Some(expected));
        assert_eq!(initiator.export_type.as_deref(), Some("CSV"));
        assert_eq!(initiator.automation_id.as_deref(), Some("a"));
        assert_eq!(initiator.dashboard_id, None);
    }
}

#[test]
fn the_deprecated_twin_stands_in_for_the_report() {
    let twin = json!({"measures": [{"localIdentifier": "m1"}], "note": 1});
    let context = read(report("executionRequest", twin.clone())).unwrap();
    assert_eq!(context.execution_request, Some(twin.clone()));
    let request = context.report_execution_request.unwrap();
    assert_eq!(request.measures[0]["localIdentifier"], "m1");
    assert_eq!(request.rest["note"], 1);

    let both = json!({"executionType": "REPORT", "executionRequest": twin, "reportExecutionRequest": {}});
    assert!(read(both).unwrap().report_execution_request.unwrap().measures.is_empty());
    // It is nobody's request when elements are asked for, whatever it holds.
    let elements = json!({"executionType": "LABEL_ELEMENTS", "executionRequest": [5]});
    let context = read(elements).unwrap();
    assert_eq!((context.report_execution_request, context.execution_request), (None, Some(json!([5]))));
    // Nor a report's, when it cannot be one.
    for twin in [json!([]), json!(5), json!("x"), json!({"measures": 5})] {
        let context = read(report("executionRequest", twin.clone())).unwrap();
        assert_eq!((context.report_execution_request, context.execution_request), (None, Some(twin)));
    }
}

fn depends_on(entry: Value) -> Filter {
    let request = json!({"label": "l", "dependsOn": [entry]});
    serde_json::from_value::<LabelElementsExecutionRequest>(request).unwrap().depends_on.remove(0)
}

#[test]
fn date_filters_of_elements_have_two_shapes() {
    let published = |dataset: Value| {
        depends_on(json!({"dateFilter": {"relativeDateFilter":
            {"dataset": dataset, "granularity": "MONTH", "from": -1, "to": 0}}}))
    };
    let flat =
        depends_on(json!({"dateFilter": {"dataset": "d", "granularity": "MONTH", "from": -1, "to": 0}}));
    assert_eq!(flat, relative("MONTH", -1, 0));
    assert_eq!(published(json!({"id": "d", "type": "dataset"})), flat);
    assert_eq!(published(json!({"identifier": {"id": "d", "type": "dataset"}})), flat);
    assert_eq!(published(json!({"identifier": "d"})), flat);
    assert_eq!(published(json!("d")), flat);

    let flat = depends_on(json!({"dateFilter": {"dataset": "d", "from": "2024-01-01", "to": "2024-01-31"}}));
    assert_eq!(flat, absolute("2024-01-01", "2024-01-31"));
    let published = depends_on(json!({"dateFilter": {"absoluteDateFilter":
        {"dataset": {"id": "d", "type": "dataset"}, "from": "2024-01-01", "to": "2024-01-31"}}}));
    assert_eq!(published, flat);

    for unknown in
        [json!({"dateFilter": {"allTimeDateFilter": {}}}), json!({"matchFilter": {"literal": "x"}})]
    {
        assert_eq!(depends_on(unknown.clone()), Filter::Unknown(unknown));
    }
}

#[test]
fn other_labels_are_filters_too() {
    let entry =
        |complement: Value| json!({"label": "a", "values": ["x", null], "complementFilter": complement});
    let fields = json!({"labelIdentifier": "a", "values": ["x", null]});
    assert_eq!(depends_on(entry(json!(false))), filter("positiveAttributeFilter", fields.clone()));
    assert_eq!(depends_on(entry(json!(null))), filter("positiveAttributeFilter", fields.clone()));
    assert_eq!(depends_on(entry(json!(true))), filter("negativeAttributeFilter", fields));
}

#[test]
fn validations_of_every_kind() {
    let kinds = ["label", "attribute", "fact", "metric", "other"];
    let list: Vec<_> = kinds.iter().map(|kind| json!({"id": "x", "type": kind})).collect();
    let request = json!({"label": "l", "validateBy": list});
    let request: LabelElementsExecutionRequest = serde_json::from_value(request).unwrap();
    let found: Vec<_> = request.validate_by.iter().map(|by| by.validation_type.as_str()).collect();
    assert_eq!(found, kinds);
    assert_eq!(request.validate_by[3].validation_type, ValidationType::Metric);
}

#[test]
fn a_wrong_shape_is_named_by_its_path() {
    let attribute_filter = |values: Value| json!([{}, {"filterType": "positiveAttributeFilter", "labelIdentifier": "l", "values": values}]);
    let date_filter = |from: Value| {
        json!([{"filterType": "relativeDateFilter", "datasetIdentifier": "d", "granularity": "DAY",
                "from": from, "to": 0}])
    };
    let elements = |key: &str, value: Value| {
        let mut request = json!({"label": "l"});
        request[key] = value;
        report("labelElementsExecutionRequest", request)
    };
    for (context, message) in [
        (json!(5), "`parameters.executionContext`: an object is expected, found a whole number"),
        (json!([]), "`parameters.executionContext`: an object is expected, found a list"),
        (
            json!({}),
            "`parameters.executionContext.executionType` is missing: `REPORT` or `LABEL_ELEMENTS` is expected",
        ),
        (json!({"executionType": 1}), ".executionType`: text is expected, found a whole number"),
        (report("filters", json!(7)), ".filters`: a list is expected, found a whole number"),
        (report("filters", json!({})), ".filters`: a list is expected, found an object"),
        (report("filters", json!([{}, null])), ".filters[1]`: an object is expected, found null"),
        (
            report("filters", json!([{"filterType": []}])),
            ".filters[0].filterType`: text is expected, found a list",
        ),
        (
            report("filters", attribute_filter(json!("x"))),
            ".filters[1].values`: a list is expected, found text",
        ),
        (
            report("filters", attribute_filter(json!(["a", 5]))),
            "`parameters.executionContext.filters[1].values[1]`: text or null is expected, found a whole number",
        ),
        (
            report("filters", attribute_filter(Value::Null)),
            ".filters[1].values` is missing: a list is expected",
        ),
        (
            report("filters", date_filter(json!("-6"))),
            ".filters[0].from`: a whole number of 64 bits is expected, found text",
        ),
        (
            report("filters", date_filter(json!(-0.5))),
            ".from`: a whole number of 64 bits is expected, found a number that is not whole or out of bounds",
        ),
        (
            report("filters", date_filter(Value::Null)),
            ".filters[0].from` is missing: a whole number is expected",
        ),
        (report("attributes", json!([{}])), ".attributes[0].labelIdentifier` is missing: text is expected"),
        (
            report("attributes", json!([{"labelIdentifier": "l", "sorting": true}])),
            ".attributes[0].sorting`: an object is expected, found a boolean",
        ),
        (report("timezone", json!(2)), ".timezone`: text is expected, found a whole number"),
        (report("weekStart", json!(1)), ".weekStart`: text is expected, found a whole number"),
        (report("executionInitiator", json!("x")), ".executionInitiator`: an object is expected, found text"),
        (
            report("reportExecutionRequest", json!({"measures": 5})),
            ".reportExecutionRequest.measures`: a list is expected, found a whole number",
        ),
        (
            report("labelElementsExecutionRequest", json!({})),
            ".labelElementsExecutionRequest.label` is missing: text is expected",
        ),
        (
            elements("limit", json!(0)),
            ".limit`: a whole number of 1 or more is expected, found a whole number",
        ),
        (
            elements("offset", json!(-1)),
            ".offset`: a whole number of 0 or more is expected, found a whole number",
        ),
        (
            elements("complementFilter", json!("yes")),
            ".complementFilter`: `true` or `false` is expected, found text",
        ),
        (
            elements("filterBy", json!({"labelType": 1})),
            ".filterBy.labelType`: text is expected, found a whole number",
        ),
        (elements("validateBy", json!([{"id": "x"}])), ".validateBy[0].type` is missing: text is expected"),
        (
            elements("dependsOn", json!([{"dateFilter": {"relativeDateFilter": {"dataset": {"id": 5}}}}])),
            ".dependsOn[0].dateFilter.relativeDateFilter.dataset.id`: text is expected, found a whole number",
        ),
    ] {
        let error = read(context.clone()).expect_err(message);
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.message().contains(message), "{context}\n expected: {message}\n    found: {error}");
    }
}
