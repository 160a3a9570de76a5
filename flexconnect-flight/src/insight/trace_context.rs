//! The W3C trace context a call comes with: whose work it is part of.

use tonic::metadata::MetadataMap;

const TRACEPARENT: &str = "traceparent";

/// The trace a call belongs to, and the span of its caller, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: String,
    pub(crate) parent_id: String,
    /// Whether the caller keeps what it traces.
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "only a tracer acts by it"))]
    pub(crate) sampled: bool,
}

impl TraceContext {
    /// What the header `traceparent` says; nothing when there is none or it is not well formed.
    pub(crate) fn of(metadata: &MetadataMap) -> Option<Self> {
        let mut values = metadata.get_all(TRACEPARENT).iter();
        let header = values.next()?.to_str().ok()?;
        // Two of them say nothing.
        if values.next().is_some() {
            return None;
        }
        Self::parse(header)
    }

    fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let parent_id = hex(parts.next()?, 16)?;
        let flags = u8::from_str_radix(hex(parts.next()?, 2)?, 16).ok()?;
        // A later version may have more parts, the first has not.
        let known = version != "ff" && (version != "00" || parts.next().is_none());
        let is_set = |id: &str| id.bytes().any(|digit| digit != b'0');
        (known && is_set(trace_id) && is_set(parent_id)).then(|| TraceContext {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            sampled: flags & 1 == 1,
        })
    }
}

/// So many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<&str> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == digits && text.bytes().all(is_hex)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";

    #[test]
    fn a_caller_says_whose_work_it_is() {
        let (trace_id, parent_id) = (TRACE.to_owned(), PARENT.to_owned());
        let context = TraceContext { trace_id, parent_id, sampled: true };
        let header = format!("00-{TRACE}-{PARENT}-01");
        assert_eq!(TraceContext::parse(&header), Some(context.clone()));
        let header = format!("cc-{TRACE}-{PARENT}-00-later");
        assert_eq!(TraceContext::parse(&header), Some(TraceContext { sampled: false, ..context }));
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        let zeros = "0".repeat(32);
        for header in [
            String::new(),
            "00".into(),
            format!("00-{TRACE}-{PARENT}"),
            format!("00-{TRACE}-{PARENT}-01-more"),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("00-{zeros}-{PARENT}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{PARENT}x-01"),
        ] {
            assert_eq!(TraceContext::parse(&header), None, "{header}");
        }
    }
}
