//! Descriptors: a path, or a command.

use arrow_flight::FlightDescriptor;
use arrow_flight::flight_descriptor::DescriptorType;
use flexconnect_core::{Error, ErrorKind};
use prost::Message as _;

use super::Command;
use super::json::{self, Purpose};

/// The longest a command may be.
const LONGEST_COMMAND: usize = 64 << 10;
/// The most components a path may have,
const MOST_COMPONENTS: usize = 32;
/// and the longest one may be.
const LONGEST_COMPONENT: usize = 1 << 10;

/// How a protobuf `Any` begins: field 1, a text.
const ANY: u8 = 0x0A;
/// The type URLs of Flight SQL.
const FLIGHT_SQL: &str = "type.googleapis.com/arrow.flight.protocol.sql.";

impl Command {
    /// Reads a descriptor.
    pub(crate) fn from_descriptor(descriptor: &FlightDescriptor, purpose: Purpose) -> Result<Self, Error> {
        match descriptor.r#type() {
            DescriptorType::Path => {
                check_path(&descriptor.path).map_err(|fault| Error::new(ErrorKind::InvalidRequest, fault))?;
                Ok(Command::path(&descriptor.path))
            }
            DescriptorType::Cmd => Command::from_bytes(&descriptor.cmd, purpose),
            DescriptorType::Unknown => {
                let message = "the descriptor is of type UNKNOWN; use PATH with a table's name, or CMD with a JSON command";
                Err(Error::new(ErrorKind::InvalidRequest, message))
            }
        }
    }

    /// Reads the bytes of a command, of a descriptor or of an action.
    pub(crate) fn from_bytes(bytes: &[u8], purpose: Purpose) -> Result<Self, Error> {
        if bytes.len() > LONGEST_COMMAND {
            let message =
                format!("the command has {} bytes, at most {LONGEST_COMMAND} are taken", bytes.len());
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        match bytes.first() {
            Some(b'{') => json::parse(bytes, purpose),
            Some(&ANY) if is_flight_sql(bytes) => {
                let message = "Flight SQL is not served here; ask for a table by path, or by a JSON command";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
            _ => {
                let message =
                    "the command is not one of ours: it is a JSON object such as {\"connector\": \"files\"}";
                Err(Error::new(ErrorKind::InvalidRequest, message))
            }
        }
    }

    /// The descriptor that says this: a path where nothing else is asked.
    pub(crate) fn to_descriptor(&self) -> FlightDescriptor {
        if *self == Command::path(&self.path) {
            return path_descriptor(&self.path);
        }
        FlightDescriptor::new_cmd(self.to_json().to_string())
    }
}

/// The descriptor of a table without anything asked of it.
pub(crate) fn path_descriptor(path: &[String]) -> FlightDescriptor {
    FlightDescriptor::new_path(path.to_vec())
}

/// Whether this can be a table's path at all; else what is wrong with it.
pub(super) fn check_path(path: &[String]) -> Result<(), String> {
    if path.is_empty() {
        return Err("the path has no component; it is the table's name, such as [\"files\"]".into());
    }
    if path.len() > MOST_COMPONENTS {
        return Err(format!("the path has {} components, at most {MOST_COMPONENTS} are taken", path.len()));
    }
    if let Some(long) = path.iter().find(|component| component.len() > LONGEST_COMPONENT) {
        let length = long.len();
        return Err(format!(
            "a component of the path has {length} bytes, at most {LONGEST_COMPONENT} are taken"
        ));
    }
    if path.iter().any(|component| component.contains('\0')) {
        return Err("a component of the path contains a NUL character".into());
    }
    Ok(())
}

fn is_flight_sql(bytes: &[u8]) -> bool {
    /// A protobuf `Any`, its contents left aside.
    #[derive(prost::Message)]
    struct Any {
        #[prost(string, tag = "1")]
        type_url: String,
    }
    Any::decode(bytes).is_ok_and(|any| any.type_url.starts_with(FLIGHT_SQL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(descriptor: &FlightDescriptor) -> ErrorKind {
        Command::from_descriptor(descriptor, Purpose::Read).unwrap_err().kind()
    }

    #[test]
    fn a_path_is_taken_as_it_is() {
        let path = ["catalog".to_owned(), "../a/b".to_owned()];
        let command = Command::from_descriptor(&path_descriptor(&path), Purpose::Read).unwrap();
        assert_eq!(command.path, path);
        assert_eq!(command.to_descriptor(), path_descriptor(&path));
    }

    #[test]
    fn impossible_paths_are_refused() {
        let long = "x".repeat(LONGEST_COMPONENT + 1);
        for path in [vec![], vec!["a".to_owned(); 33], vec![long], vec!["a\0b".to_owned()]] {
            assert_eq!(kind(&path_descriptor(&path)), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn a_command_is_json_or_flight_sql_and_never_guessed() {
        let url = "type.googleapis.com/arrow.flight.protocol.sql.CommandGetTables";
        let sql = [&[ANY, url.len() as u8], url.as_bytes(), &[0x12, 0]].concat();
        assert_eq!(kind(&FlightDescriptor::new_cmd(sql)), ErrorKind::Unsupported);
        let oversize = vec![b'{'; LONGEST_COMMAND + 1];
        for bytes in [&b""[..], b"\n\x04abcd", b"SELECT 1", b" {}", &oversize] {
            assert_eq!(kind(&FlightDescriptor::new_cmd(bytes.to_vec())), ErrorKind::InvalidRequest);
        }
        let unknown = FlightDescriptor { r#type: 0, ..FlightDescriptor::default() };
        assert_eq!(kind(&unknown), ErrorKind::InvalidRequest);
    }
}
