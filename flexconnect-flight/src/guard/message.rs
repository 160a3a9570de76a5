//! The envelope: a header that is a sound flatbuffer, and a body as long as the header says.

use arrow_buffer::Buffer;
use arrow_ipc::{Message, MetadataVersion, root_as_message_with_opts};
use flatbuffers::{InvalidFlatbuffer, VerifierOptions};
use flexconnect_core::Error;

use super::Limits;
use super::fault::{malformed, too_much};

/// Tables above a column's field and below it: message, schema, and the field's type, dictionary and its index.
const TABLES_AROUND: usize = 5;
/// Tables a field may come with on average: its type, its dictionary, its metadata.
const TABLES_PER_FIELD: usize = 16;
/// Parts of a flatbuffer may be shared, as writers do with tables' shapes; never so much that it grows by more.
const SHARED: usize = 4;

/// The header of a message, once it is known to be a flatbuffer of a size that can be walked.
pub(super) fn verified<'a>(header: &'a [u8], limits: &Limits) -> Result<Message<'a>, Error> {
    if header.len() > limits.header_bytes {
        return Err(too_much(format!(
            "its header has {} bytes, at most {} are taken",
            header.len(),
            limits.header_bytes
        )));
    }
    let options = VerifierOptions {
        max_depth: limits.nesting.saturating_add(TABLES_AROUND),
        max_tables: limits.fields.saturating_mul(TABLES_PER_FIELD).saturating_add(1024),
        max_apparent_size: header.len().saturating_mul(SHARED).saturating_add(1024),
        ignore_missing_null_terminator: false,
    };
    let message = root_as_message_with_opts(&options, header).map_err(|error| match error {
        InvalidFlatbuffer::DepthLimitReached => {
            too_much(format!("its columns nest deeper than the {} levels that are taken", limits.nesting))
        }
        InvalidFlatbuffer::TooManyTables => {
            too_much(format!("its header describes more than the {} fields that are taken", limits.fields))
        }
        InvalidFlatbuffer::ApparentSizeTooLarge => malformed("its header uses the same parts over and over"),
        _ => malformed("its header is not a flatbuffer of a message"),
    })?;
    match message.version() {
        MetadataVersion::V4 | MetadataVersion::V5 => Ok(message),
        MetadataVersion(version) => {
            // The number is one less than the version's name.
            let version = i32::from(version) + 1;
            Err(malformed(format!("its format is version {version}, versions 4 and 5 are taken")))
        }
    }
}

/// As much of the body as the header says it has.
pub(super) fn body(message: &Message<'_>, body: Buffer, limits: &Limits) -> Result<Buffer, Error> {
    let declared = length(message)?;
    if declared > limits.body_bytes {
        return Err(too_much(format!(
            "its body has {declared} bytes, at most {} are taken",
            limits.body_bytes
        )));
    }
    if declared > body.len() {
        let present = body.len();
        return Err(malformed(format!(
            "its body is cut short: {declared} bytes are declared, {present} came"
        )));
    }
    Ok(body.slice_with_length(0, declared))
}

/// How long the header says the body is.
pub(super) fn length(message: &Message<'_>) -> Result<usize, Error> {
    let declared = message.bodyLength();
    usize::try_from(declared).map_err(|_| malformed(format!("its body is declared to have {declared} bytes")))
}
