//! Configurations that take what they should refuse.

use flexconnect_core::config::{Faults, Parameter, ParameterKind, Provided};
use flexconnect_core::conformance::{self, Options, Report};
use flexconnect_core::{Config, Connector, Error, Plugin, ReadRequest, Result, Rows, Table};
use futures::executor::block_on;
use serde_json::{Map, Value, json};

use crate::only_fails;

const RIGHT: u8 = 0;
const TAKES_UNKNOWN: u8 = 1;
const TAKES_OTHER_TYPES: u8 = 2;
const TAKES_LESS: u8 = 3;
const TAKES_NOTHING: u8 = 4;
const ONE_AT_A_TIME: u8 = 5;
const NO_CONFIG_ERROR: u8 = 6;

/// A configuration read by hand, with one fault.
struct LaxConfig<const FAULT: u8>;

impl<const FAULT: u8> Config for LaxConfig<FAULT> {
    fn parameters() -> Vec<Parameter> {
        let mut count = Parameter::new(ParameterKind::Integer);
        count.name = "count".into();
        count.minimum = Some(json!(1));
        let mut title = Parameter::new(ParameterKind::Text);
        title.name = "title".into();
        vec![count, title]
    }

    fn parse_with(values: &Map<String, Value>, _: &Provided) -> Result<Self, Error> {
        let mut faults = Faults::new();
        for key in values.keys().filter(|key| *key != "count" && *key != "title") {
            if FAULT != TAKES_UNKNOWN {
                faults.add(key, "is not a parameter");
            }
        }
        match values.get("count").map(Value::as_i64) {
            None if FAULT != TAKES_NOTHING => faults.add("count", "is required"),
            Some(Some(count)) if count < 1 && FAULT != TAKES_LESS => {
                faults.add("count", "must be at least 1")
            }
            Some(None) if FAULT != TAKES_OTHER_TYPES => faults.add("count", "must be an integer"),
            _ => {}
        }
        let one_is_enough = FAULT == ONE_AT_A_TIME && !faults.is_empty();
        if !values.get("title").is_some_and(Value::is_string) && !one_is_enough {
            faults.add("title", "must be text");
        }
        match faults.finish() {
            Ok(()) => Ok(LaxConfig),
            Err(error) if FAULT == NO_CONFIG_ERROR => {
                Err(error.with_kind(flexconnect_core::ErrorKind::Internal))
            }
            Err(error) => Err(error),
        }
    }
}

#[derive(Table)]
struct Number {
    n: i64,
}

struct Lax<const FAULT: u8>;

impl<const FAULT: u8> Connector for Lax<FAULT> {
    const NAME: &'static str = "lax";
    type Config = LaxConfig<FAULT>;
    type Row = Number;

    async fn init(_: LaxConfig<FAULT>, _: &()) -> Result<Self> {
        Ok(Lax)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::iter((0..5).map(|n| Number { n }))
    }
}

fn examine<const FAULT: u8>() -> Report {
    let options = Options::new().with_config("lax", json!({"count": 5, "title": "five"}));
    let plugin = Plugin::new("lax", "1.0.0").connector::<Lax<FAULT>>();
    block_on(conformance::check(&plugin, options))
}

#[test]
fn a_configuration_that_takes_too_much_is_found() {
    examine::<RIGHT>().assert_all_run_but(&["memory"]);
    only_fails(&examine::<TAKES_UNKNOWN>(), "config", "unknown keys");
    only_fails(&examine::<TAKES_OTHER_TYPES>(), "config", "types");
    only_fails(&examine::<TAKES_LESS>(), "config", "bounds");
    only_fails(&examine::<TAKES_NOTHING>(), "config", "required");
    only_fails(&examine::<ONE_AT_A_TIME>(), "config", "all at once");
    only_fails(&examine::<NO_CONFIG_ERROR>(), "config", "the kind");
}
