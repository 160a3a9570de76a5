//! What a descriptor asks: to invoke a function, or to go on with or cancel an invocation. The one place that knows
//! the bytes of descriptors.

use arrow_flight::FlightDescriptor;
use arrow_flight::flight_descriptor::DescriptorType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use prost::Message as _;
use serde::Serialize;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::ticket::TaskId;

/// What GetFlightInfo is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// To run a function.
    Invoke(Invocation),
    /// To say how a task with this name, as it was given, is getting on.
    Retry(String),
    /// To cancel it.
    Cancel(String),
}

/// A function to be run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invocation {
    pub(crate) function: String,
    /// As they came.
    pub(crate) parameters: Map<String, Value>,
    /// The command's bytes, which are echoed.
    pub(crate) command: Bytes,
}

impl Asked {
    /// Reads a descriptor; only a caller that polls can ask for a task.
    ///
    /// # Errors
    /// The fault of a descriptor that asks for nothing.
    pub(crate) fn of(descriptor: &FlightDescriptor, polls: bool) -> Result<Self, Fault> {
        let is_command = descriptor.r#type() == DescriptorType::Cmd;
        let command = if is_command { &descriptor.cmd[..] } else { &[] };
        if polls && command.is_empty() {
            return Err(Fault::invocation(
                "Flight descriptor must contain command with the invocation payload.",
            ));
        }
        if polls && let Some((kind @ (b'r' | b'c'), [b':', task @ ..])) = command.split_first() {
            let task = String::from_utf8_lossy(task).into_owned();
            return Ok(if *kind == b'r' { Asked::Retry(task) } else { Asked::Cancel(task) });
        }
        Invocation::parse(command).map(Asked::Invoke)
    }
}

impl Invocation {
    fn parse(command: &[u8]) -> Result<Self, Fault> {
        let payload: Value = serde_json::from_slice(command)
            .map_err(|_| Fault::invocation("The invocation payload is not a valid JSON."))?;
        let Value::Object(mut payload) = payload else {
            return Err(Fault::invocation("The invocation payload is not a JSON object."));
        };
        let function = match payload.remove("functionName") {
            Some(Value::String(name)) if !name.is_empty() => name,
            name if name.as_ref().is_none_or(is_nothing) => {
                return Err(Fault::invocation("The invocation payload does not specify 'functionName'."));
            }
            _ => {
                return Err(Fault::invocation(
                    "The 'functionName' of the invocation payload is not a string.",
                ));
            }
        };
        let parameters = match payload.remove("parameters") {
            Some(Value::Object(parameters)) => parameters,
            parameters if parameters.as_ref().is_none_or(is_nothing) => Map::new(),
            _ => {
                return Err(Fault::invocation(
                    "The 'parameters' of the invocation payload are not an object.",
                ));
            }
        };
        // The command is part of the buffer it was received in, which is far larger and would be kept for as long.
        Ok(Invocation { function, parameters, command: Bytes::copy_from_slice(command) })
    }

    /// The columns its caller has a use for; `None` when nothing is said of them.
    pub(crate) fn columns(&self) -> Option<Vec<&str>> {
        let columns = self.parameters.get("columns")?.as_array()?;
        Some(columns.iter().filter_map(Value::as_str).collect())
    }
}

/// What counts as not given: Python's idea of it, which clients rely on.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// A function's descriptor in a listing.
pub(crate) fn listed(function: &str, metadata: &Map<String, Value>) -> FlightDescriptor {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed<'a> {
        function_name: &'a str,
        metadata: Option<&'a Map<String, Value>>,
    }
    let metadata = Some(metadata).filter(|metadata| !metadata.is_empty());
    let json = serde_json::to_vec(&Listed { function_name: function, metadata });
    FlightDescriptor::new_cmd(json.unwrap_or_default())
}

/// How a caller that polls goes on: the body of the answer to each round.
pub(crate) fn poll_body(task: TaskId) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body {
        flight_info: (),
        retry_descriptor: String,
        cancel_descriptor: String,
    }
    let descriptor =
        |kind: char| STANDARD.encode(FlightDescriptor::new_cmd(format!("{kind}:{task}")).encode_to_vec());
    let body =
        Body { flight_info: (), retry_descriptor: descriptor('r'), cancel_descriptor: descriptor('c') };
    serde_json::to_vec(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOT_JSON: &str =
        "Incorrect FlexConnect function invocation. The invocation payload is not a valid JSON.";

    fn asked(command: &[u8], polls: bool) -> Result<Asked, Fault> {
        Asked::of(&FlightDescriptor::new_cmd(command.to_vec()), polls)
    }

    fn invocation(command: &str) -> Invocation {
        match asked(command.as_bytes(), true) {
            Ok(Asked::Invoke(invocation)) => invocation,
            other => panic!("{command}: {other:?}"),
        }
    }

    fn refusal(command: &[u8], polls: bool) -> String {
        let fault = asked(command, polls).unwrap_err();
        assert_eq!((fault.status, fault.info.code().value()), (tonic::Code::Unknown, 1));
        fault.info.msg().to_owned()
    }

    #[test]
    fn parameters_come_whole_and_exact() {
        let command = r#" {"x":1,"functionName":"F","functionName":"G","parameters":{"columns":["b","a"],"n":9223372036854775807,"m":36893488147419103232}} "#;
        let invocation = invocation(command);
        assert_eq!((invocation.function.as_str(), invocation.columns()), ("G", Some(vec!["b", "a"])));
        assert_eq!(invocation.parameters["n"].as_i64(), Some(i64::MAX));
        assert_eq!(invocation.parameters["m"].as_f64(), Some(36893488147419103232.0));
        assert_eq!(invocation.command, command.as_bytes());
    }

    #[test]
    fn the_buffer_a_command_came_in_is_not_kept() {
        let command = br#"{"functionName":"F"}"#;
        let received = Bytes::from([&command[..], &[0; 8_192]].concat());
        let descriptor = FlightDescriptor::new_cmd(received.slice(..command.len()));
        let asked = Asked::of(&descriptor, false).unwrap();
        drop(descriptor);
        assert!(received.is_unique(), "{asked:?}");
    }

    #[test]
    fn what_python_takes_for_nothing_is_nothing() {
        for nothing in ["null", "[]", "\"\"", "0", "0.0", "false", "{}"] {
            let command = format!(r#"{{"functionName":"F","parameters":{nothing},"columns":["top"]}}"#);
            assert_eq!(invocation(&command).parameters, Map::new(), "{nothing}");
            assert_eq!(invocation(&command).columns(), None);
        }
        assert_eq!(invocation(r#"{"functionName":"F"}"#).parameters, Map::new());
        let empty = invocation(r#"{"functionName":"F","parameters":{"columns":[]}}"#);
        assert_eq!(empty.columns(), Some(vec![]));
    }

    #[test]
    fn what_is_no_invocation_is_refused_in_the_words_clients_know() {
        for command in
            [&b"r:f325dd21778b4a05923d6641c23cd409"[..], b"", b"nope", b"\xef\xbb\xbf{}", b"{\"a\":NaN}"]
        {
            assert_eq!(refusal(command, false), NOT_JSON);
        }
        assert!(refusal(b"", true).ends_with("must contain command with the invocation payload."));
        for command in ["{}", r#"{"functionName":null}"#, r#"{"functionName":""}"#] {
            assert!(refusal(command.as_bytes(), false).ends_with("does not specify 'functionName'."));
        }
        for command in ["[]", "7", r#"{"functionName":7}"#, r#"{"functionName":"F","parameters":["a"]}"#] {
            assert!(
                refusal(command.as_bytes(), false)
                    .starts_with("Incorrect FlexConnect function invocation. The")
            );
        }
        let deep = [vec![b'['; 1 << 20], vec![b']'; 1 << 20]].concat();
        assert_eq!(refusal(&deep, false), NOT_JSON);
        let path = Asked::of(&FlightDescriptor::new_path(vec!["Tiny".into()]), false).unwrap_err();
        assert_eq!(path.info.msg(), NOT_JSON);
    }

    #[test]
    fn who_polls_goes_on_with_the_descriptors_of_the_body() {
        let task = TaskId::parse("f325dd21778b4a05923d6641c23cd409").unwrap();
        let body: Value = serde_json::from_slice(&poll_body(task)).unwrap();
        let expected = json!({
            "flight_info": null,
            "retry_descriptor": "CAISInI6ZjMyNWRkMjE3NzhiNGEwNTkyM2Q2NjQxYzIzY2Q0MDk=",
            "cancel_descriptor": "CAISImM6ZjMyNWRkMjE3NzhiNGEwNTkyM2Q2NjQxYzIzY2Q0MDk=",
        });
        assert_eq!(body, expected);
        let name = task.to_string();
        assert_eq!(asked(format!("r:{name}").as_bytes(), true), Ok(Asked::Retry(name.clone())));
        assert_eq!(asked(format!("c:{name}").as_bytes(), true), Ok(Asked::Cancel(name)));
    }

    #[test]
    fn a_listing_has_the_bytes_of_the_contract() {
        let Value::Object(metadata) = json!({"owner": "conformance", "n": 1}) else { unreachable!() };
        let descriptor = listed("Tiny", &metadata);
        assert_eq!(
            descriptor.cmd,
            &br#"{"functionName":"Tiny","metadata":{"owner":"conformance","n":1}}"#[..]
        );
        assert_eq!(listed("Trim", &Map::new()).cmd, &br#"{"functionName":"Trim","metadata":null}"#[..]);
    }
}
