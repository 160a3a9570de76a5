//! Which of a label's values are asked for.

use flexconnect_flight::gooddata::context::{
    DATA_SOURCE_MESSAGES, DataSourceMessage, LabelElementsExecutionRequest,
};
use serde_json::{Value, json};

const CITIES: [&str; 6] = ["Bern", "Berlin", "Zürich", "CANBERRA", "bergen", ""];

fn request(fields: Value) -> LabelElementsExecutionRequest {
    let mut request = json!({"label": "city"});
    request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(request).unwrap()
}

fn page(fields: Value) -> Vec<&'static str> {
    request(fields).page(CITIES).collect()
}

#[test]
fn without_filters_every_value_is() {
    assert_eq!(page(json!({})), CITIES);
    assert_eq!(page(json!({"exactFilter": [], "complementFilter": true})), CITIES);
    assert_eq!(page(json!({"patternFilter": ""})), CITIES);
    assert_eq!(page(json!({"patternFilter": "", "complementFilter": true})), CITIES);
    let but_one = json!({"exactFilter": ["Bern"], "patternFilter": "", "complementFilter": true});
    assert_eq!(page(but_one), CITIES[1..]);
}

#[test]
fn a_pattern_knows_no_case_and_an_exact_value_does() {
    assert_eq!(page(json!({"patternFilter": "bER"})), ["Bern", "Berlin", "CANBERRA", "bergen"]);
    assert_eq!(page(json!({"patternFilter": "ÜR"})), ["Zürich"]);
    assert_eq!(page(json!({"patternFilter": "."})), [""; 0]);
    assert_eq!(page(json!({"exactFilter": ["Bern", "BERGEN", ""]})), ["Bern", ""]);
    assert_eq!(page(json!({"exactFilter": ["Bern", "Zürich"], "patternFilter": "ber"})), ["Bern"]);
}

#[test]
fn the_complement_is_the_opposite_of_each() {
    assert_eq!(page(json!({"patternFilter": "ber", "complementFilter": true})), ["Zürich", ""]);
    assert_eq!(
        page(json!({"exactFilter": ["Bern", "Zürich"], "complementFilter": true})),
        ["Berlin", "CANBERRA", "bergen", ""],
    );
    let both = json!({"exactFilter": ["Zürich"], "patternFilter": "ber", "complementFilter": true});
    assert_eq!(page(both), [""]);
}

#[test]
fn a_page_is_counted_after_the_filters() {
    assert_eq!(page(json!({"offset": 1, "limit": 2})), ["Berlin", "Zürich"]);
    assert_eq!(page(json!({"patternFilter": "ber", "offset": 1, "limit": 2})), ["Berlin", "CANBERRA"]);
    assert_eq!(page(json!({"offset": 5, "limit": 1})), [""]);
    assert_eq!(page(json!({"offset": 6})), [""; 0]);
    assert_eq!(page(json!({"offset": u64::MAX, "limit": u64::MAX})), [""; 0]);
}

#[test]
fn no_value_is_a_value() {
    assert!(request(json!({})).matches(None));
    assert!(!request(json!({"exactFilter": ["a"]})).matches(None));
    assert!(request(json!({"exactFilter": ["a", null]})).matches(None));
    assert!(!request(json!({"patternFilter": "a"})).matches(None));
    assert!(request(json!({"patternFilter": ""})).matches(None));
    assert!(request(json!({"patternFilter": "a", "complementFilter": true})).matches(None));
}

#[test]
fn messages_are_what_gooddata_reads() {
    let message = DataSourceMessage::new("Messages", "123", "info").with_data(json!({"extra": "data"}));
    let bare = DataSourceMessage::new("f", "", "warning");
    let text = DataSourceMessage::metadata_value(&[message.clone(), bare.clone()]);
    assert_eq!(
        text,
        r#"[{"source":"Messages","correlation_id":"123","type":"info","data":{"extra":"data"}},"#.to_owned()
            + r#"{"source":"f","correlation_id":"","type":"warning","data":null}]"#,
    );
    assert_eq!(serde_json::from_str::<Vec<DataSourceMessage>>(&text).unwrap(), [message, bare]);
    assert_eq!(DataSourceMessage::metadata_value(&[]), "[]");
    assert_eq!(DATA_SOURCE_MESSAGES, "x-gdc-data-source-messages");
}
