//! Where a server's spans go, and what they say of the server, as the settings have it.

use flexconnect_core::{Error, ErrorKind, Plugin};

use super::settings::ServerSection;

/// Where spans can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exporter {
    OtlpGrpc,
    OtlpHttp,
    Console,
}

impl Exporter {
    /// The one of the settings, if there is one.
    fn of(server: &ServerSection) -> Result<Option<Self>, Error> {
        let exporter = server.otel_exporter_type.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        match exporter.as_str() {
            "" | "none" => Ok(None),
            "otlp-grpc" => Ok(Some(Exporter::OtlpGrpc)),
            "otlp-http" => Ok(Some(Exporter::OtlpHttp)),
            "console" => Ok(Some(Exporter::Console)),
            "zipkin" => Err(wrong(
                "`otel_exporter_type` is `zipkin`, which this server does not speak; collectors that do take \
                 `otlp-grpc` or `otlp-http`, too",
            )),
            other => Err(wrong(format!(
                "`otel_exporter_type` is `{other}`; it is one of `none`, `otlp-grpc`, `otlp-http` and `console`"
            ))),
        }
    }
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, message)
}

/// Spans on their way out; none in a program that was built without.
#[cfg(not(feature = "otel"))]
pub(crate) enum Traces {}

#[cfg(not(feature = "otel"))]
impl Traces {
    pub(crate) fn shut_down(&self) {
        match *self {}
    }
}

/// Refuses settings that want spans sent.
#[cfg(not(feature = "otel"))]
pub(crate) fn of_settings(_: &Plugin, server: &ServerSection) -> Result<Option<Traces>, Error> {
    match Exporter::of(server)? {
        None => Ok(None),
        Some(_) => Err(wrong(
            "`otel_exporter_type` is set, and this program was built without traces: set it to `none`, or build the \
             program with the feature `otel` of flexconnect-flight",
        )),
    }
}

#[cfg(feature = "otel")]
pub(crate) use crate::insight::otel::Traces;

/// Where the settings want spans sent, if they do. Call it inside a tokio runtime.
#[cfg(feature = "otel")]
pub(crate) fn of_settings(plugin: &Plugin, server: &ServerSection) -> Result<Option<Traces>, Error> {
    use super::console::Console;
    use crate::insight::otel;

    let Some(exporter) = Exporter::of(server)? else { return Ok(None) };
    let resource = otel::resource(plugin.name()).with_attributes(resource(plugin, server)).build();
    Ok(Some(match exporter {
        Exporter::OtlpGrpc => Traces::exported(otel::grpc()?, resource),
        Exporter::OtlpHttp => Traces::exported(otel::http()?, resource),
        Exporter::Console => Traces::exported(Console::stdout(), resource),
    }))
}

/// What is known of the server, its process and its system.
#[cfg(feature = "otel")]
fn resource(plugin: &Plugin, server: &ServerSection) -> Vec<opentelemetry::KeyValue> {
    use opentelemetry::{KeyValue, Value};

    use super::machine;

    let mut known: Vec<(&'static str, Option<Value>)> = vec![
        // The environment names a service of which the settings do not.
        ("service.name", server.otel_service_name.clone().map(Value::from)),
        ("service.version", Some(plugin.version().to_owned().into())),
        ("service.namespace", Some(server.otel_service_namespace.clone().unwrap_or_default().into())),
        (
            "service.instance.id",
            Some(server.otel_service_instance_id.clone().unwrap_or_else(machine::name).into()),
        ),
        ("os.type", Some(std::env::consts::OS.into())),
        ("os.version", machine::kernel().map(Value::from)),
        ("os.description", machine::system().map(Value::from)),
        ("process.pid", Some(i64::from(std::process::id()).into())),
        ("process.runtime.name", Some("rustc".into())),
    ];
    #[cfg(unix)]
    known.push(("process.parent_pid", Some(i64::from(std::os::unix::process::parent_id()).into())));
    known.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporter(name: &str) -> Result<Option<Exporter>, Error> {
        Exporter::of(&ServerSection { otel_exporter_type: Some(name.to_owned()), ..ServerSection::default() })
    }

    #[test]
    fn every_exporter_has_its_name_and_the_others_are_told() {
        assert_eq!(Exporter::of(&ServerSection::default()).unwrap(), None);
        for (name, expected) in [
            ("none", None),
            ("", None),
            ("otlp-grpc", Some(Exporter::OtlpGrpc)),
            ("otlp-http", Some(Exporter::OtlpHttp)),
            ("Console", Some(Exporter::Console)),
        ] {
            assert_eq!(exporter(name).unwrap(), expected, "{name}");
        }
        for (name, part) in [("zipkin", "does not speak"), ("jaeger", "one of `none`")] {
            let error = exporter(name).unwrap_err();
            assert!(error.kind() == ErrorKind::Config && error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    #[cfg(not(feature = "otel"))]
    fn a_program_without_traces_says_so() {
        let server = ServerSection { otel_exporter_type: Some("console".into()), ..ServerSection::default() };
        let error = of_settings(&Plugin::new("p", "1"), &server).err().unwrap();
        assert!(error.to_string().contains("feature `otel`"), "{error}");
    }

    #[test]
    #[cfg(feature = "otel")]
    fn the_settings_name_the_service() {
        let server = ServerSection {
            otel_service_name: Some("sales".into()),
            otel_service_namespace: Some("bi".into()),
            otel_service_instance_id: Some("a-1".into()),
            ..ServerSection::default()
        };
        let resource = resource(&Plugin::new("p", "7.1"), &server);
        for (key, value) in [
            ("service.name", "sales"),
            ("service.namespace", "bi"),
            ("service.instance.id", "a-1"),
            ("service.version", "7.1"),
        ] {
            let pair = resource.iter().find(|pair| pair.key.as_str() == key).unwrap();
            assert_eq!(pair.value.as_str(), value, "{key}");
        }
        assert!(resource.iter().any(|pair| pair.key.as_str() == "process.pid"));
        assert!(
            super::resource(&Plugin::new("p", "1"), &ServerSection::default())
                .iter()
                .all(|pair| { pair.key.as_str() != "service.name" })
        );
    }
}
