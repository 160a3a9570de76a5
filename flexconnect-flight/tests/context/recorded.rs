//! Contexts as GoodData sends them.

use flexconnect_core::ReadRequest;
use flexconnect_flight::gooddata::context::{
    ExecutionContext, ExecutionType, Filter, InitiatorType, LabelType, ValidationType, WeekStart,
};
use serde_json::json;

use super::{call, read};

#[test]
fn a_report() {
    let context = read(serde_json::from_str(include_str!("report.json")).unwrap()).unwrap();
    assert_eq!(context.execution_type, ExecutionType::Report);
    assert_eq!(
        (&*context.organization_id, &*context.workspace_id, &*context.user_id),
        ("default", "demo", "demo")
    );
    assert_eq!(context.week_start, Some(WeekStart::Sunday));
    let calendar = context.calendar().unwrap();
    assert_eq!(calendar.timestamp.to_string(), "2024-09-12T12:51:26Z");
    assert_eq!(calendar.timezone.iana_name(), Some("Etc/UTC"));

    let [attribute] = &context.attributes[..] else { panic!("{:?}", context.attributes) };
    assert_eq!((&*attribute.attribute_identifier, &*attribute.attribute_title), ("attribute1", "Attribute1"));
    assert_eq!((&*attribute.label_identifier, &*attribute.label_title), ("attribute1", "Attribute1"));
    assert_eq!((&attribute.date_granularity, &attribute.sorting), (&None, &None));

    let [Filter::NegativeAttribute(filter)] = &context.filters[..] else { panic!("{:?}", context.filters) };
    assert_eq!(
        (&*filter.label_identifier, &filter.values[..]),
        ("attribute1", &[Some("id1".to_owned())][..])
    );

    let report = context.report_execution_request.unwrap();
    assert_eq!(report.attributes[0]["label"]["identifier"]["id"], "attribute1");
    assert_eq!(report.filters[0]["negativeAttributeFilter"]["notIn"]["values"], json!(["id1"]));
    assert_eq!(report.measures[0]["localIdentifier"], "m1");
    assert!(report.aux_measures.is_empty());
    assert_eq!(context.label_elements_execution_request, None);

    let initiator = context.execution_initiator.unwrap();
    assert_eq!(initiator.initiator_type, Some(InitiatorType::Display));
    assert_eq!(initiator.dashboard_id.as_deref(), Some("b2f2"));
    assert_eq!(initiator.visualization_id.as_deref(), Some("bf21"));
    assert_eq!(initiator.widget_id.as_deref(), Some("4538"));
    assert_eq!(initiator.automation_id, None);
    assert!(context.rest.is_empty(), "{:?}", context.rest);
}

#[test]
fn the_elements_of_a_label() {
    let context = read(serde_json::from_str(include_str!("label_elements.json")).unwrap()).unwrap();
    assert_eq!(context.execution_type, ExecutionType::LabelElements);
    assert_eq!((&context.timestamp, &context.timezone, &context.week_start), (&None, &None, &None));
    assert!(context.attributes.is_empty() && context.filters.is_empty());
    assert_eq!(context.report_execution_request, None);

    let request = context.label_elements_execution_request.unwrap();
    assert_eq!((&*request.label, request.offset, request.limit), ("attribute2", 0, Some(500)));
    assert!(request.exclude_primary_label && !request.complement_filter);
    assert_eq!(request.pattern_filter.as_deref(), Some("search"));
    assert_eq!(request.filter_by, Some(LabelType::Requested));
    let [Filter::NegativeAttribute(depends_on)] = &request.depends_on[..] else { panic!("{request:?}") };
    assert_eq!(depends_on.label_identifier, "attribute1");
    assert_eq!(depends_on.values, [Some("id1".to_owned())]);
    assert_eq!(request.validate_by[0].id, "fact1");
    assert_eq!(request.validate_by[0].validation_type, ValidationType::Fact);
    assert!(request.rest.is_empty(), "{:?}", request.rest);
}

#[test]
fn a_call_by_hand_has_none() {
    assert_eq!(ExecutionContext::of(&ReadRequest::new()).unwrap(), None);
    assert_eq!(ExecutionContext::of(&call(json!(null))).unwrap(), None);
}
