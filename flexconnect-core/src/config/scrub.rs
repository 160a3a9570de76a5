//! The secrets of a configuration, kept out of what an author's code says went wrong.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Parameter, ParameterKind};
use crate::error::Error;

/// What stands where a secret stood.
const STARS: &str = "***";
/// A shorter secret is likely to be part of an innocent word: to cut it out there would tell it. The whole text goes.
const SHORT: usize = 4;
const NOT_SHOWN: &str = "the text is not shown, it may hold a secret of the configuration";
/// How many strings of JSON may be inside each other.
const NESTED: usize = 3;
/// Shorter pieces of base64 or hexadecimal digits are found in many words.
const SHORTEST_CODED: usize = 6;

/// The texts that no error may hold, in any of the ways they are commonly written: as they are, escaped, in a URL, in
/// base64 as a part of something longer, in hexadecimal digits.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<[Vec<u8>]>);

impl Secrets {
    /// The secrets among these values, which are those of these parameters.
    pub(crate) fn of(values: &Map<String, Value>, parameters: &[Parameter]) -> Self {
        let mut found = Vec::new();
        collect_members(values, parameters, &mut found);
        Self::of_texts(found)
    }

    /// These and others.
    pub(crate) fn and(&self, others: &Secrets) -> Self {
        let mut all: Vec<_> = self.0.iter().chain(&*others.0).cloned().collect();
        sort(&mut all);
        Secrets(all.into())
    }

    /// These texts, each of which is a secret.
    pub(crate) fn of_texts(texts: Vec<String>) -> Self {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        for text in texts {
            for text in [text.as_str(), text.trim()] {
                forms.push(text.into());
                // As a string of JSON, in one that is a string of JSON itself, and as Rust prints each.
                let mut nested = text.to_owned();
                for _ in 0..NESTED {
                    forms.push(nested.escape_debug().to_string().into());
                    forms.push(nested.escape_default().to_string().into());
                    nested = in_json(&nested);
                    forms.push(nested.clone().into());
                }
                let coded = [hex(text, false), hex(text, true)].into_iter().chain(base64(text.as_bytes()));
                forms.extend(coded.filter(|coded| coded.len() >= SHORTEST_CODED).map(String::into_bytes));
            }
        }
        sort(&mut forms);
        Secrets(forms.into())
    }

    /// The error without them, and without a cause that could still be asked for them.
    pub(crate) fn clear(&self, error: Error) -> Error {
        let is_clean = |text: &str| matches!(self.clear_text(text), Cleared::Clean);
        if self.0.is_empty() || is_clean(&format!("{error}\n{}\n{error:?}", error.causes())) {
            return error;
        }
        error.with_texts(|text| match self.clear_text(text) {
            Cleared::Clean => text.to_owned(),
            Cleared::Without(text) => text,
            Cleared::Nothing => NOT_SHOWN.to_owned(),
        })
    }

    /// The text with stars where they were, or nothing when none of them is in it.
    #[cfg(feature = "conformance")]
    pub(crate) fn found_in(&self, text: &str) -> Option<String> {
        match self.clear_text(text) {
            Cleared::Clean => None,
            Cleared::Without(text) => Some(text),
            Cleared::Nothing => Some(STARS.into()),
        }
    }

    fn clear_text(&self, text: &str) -> Cleared {
        let bytes = text.as_bytes();
        let (mut out, mut position, mut changed) = (Vec::new(), 0, false);
        while position < bytes.len() {
            // The longest form first, so that of one secret in another nothing is left.
            let found = self.0.iter().find_map(|form| Some((form, end_of(&bytes[position..], form)?)));
            match found {
                Some((form, _)) if form.len() < SHORT => return Cleared::Nothing,
                Some((_, length)) => {
                    out.extend_from_slice(STARS.as_bytes());
                    position += length;
                    changed = true;
                }
                None => {
                    out.push(bytes[position]);
                    position += 1;
                }
            }
        }
        match (changed, String::from_utf8(out)) {
            (false, _) => Cleared::Clean,
            (true, Ok(text)) => Cleared::Without(text),
            (true, Err(_)) => Cleared::Nothing,
        }
    }
}

enum Cleared {
    Clean,
    Without(String),
    Nothing,
}

/// Longest first, each once, none empty.
fn sort(forms: &mut Vec<Vec<u8>>) {
    forms.retain(|form| !form.is_empty());
    forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    forms.dedup();
}

/// How many bytes of this text are the secret, where any of its bytes may be written as in a URL, and its letters in
/// either case: names of hosts and of headers lose theirs.
fn end_of(text: &[u8], secret: &[u8]) -> Option<usize> {
    let is = |written: Option<&u8>, meant: Option<&u8>| {
        written.zip(meant).is_some_and(|(written, meant)| written.eq_ignore_ascii_case(meant))
    };
    if !is(text.first(), secret.first()) && !matches!(text.first(), Some(b'%' | b'+')) {
        return None;
    }
    // A `%` stands for itself or begins what stands for another, so there may be two ways to go on.
    let (mut ends, mut next) = (vec![0], Vec::new());
    for byte in secret {
        for end in ends.drain(..) {
            let rest = &text[end..];
            if is(rest.first(), Some(byte)) || (*byte == b' ' && rest.first() == Some(&b'+')) {
                next.push(end + 1);
            }
            if let [b'%', high, low, ..] = rest
                && digit(*high).zip(digit(*low)) == Some((byte >> 4, byte & 15))
            {
                next.push(end + 3);
            }
        }
        next.sort_unstable();
        next.dedup();
        std::mem::swap(&mut ends, &mut next);
        if ends.is_empty() {
            return None;
        }
    }
    ends.pop()
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn hex(text: &str, upper: bool) -> String {
    let digits = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    text.bytes().map(digits).collect()
}

/// What base64 makes of these bytes wherever they stand in something longer, in both alphabets: only the letters that
/// do not depend on what is around them.
fn base64(bytes: &[u8]) -> impl Iterator<Item = String> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let alphabets = [['+', '/'], ['-', '_']];
    let starts = [0, 4, 2];
    let written = alphabets.into_iter().flat_map(move |last| {
        let bits = bits.clone();
        starts.into_iter().map(move |start| {
            let letters = bits.get(start..).unwrap_or_default().chunks_exact(6).map(|six| {
                let index = six.iter().fold(0, |index, bit| index << 1 | usize::from(*bit));
                LETTERS.get(index).map_or_else(|| last[index - LETTERS.len()], |letter| char::from(*letter))
            });
            letters.collect::<String>()
        })
    });
    written.collect::<Vec<_>>().into_iter()
}

fn collect_members(values: &Map<String, Value>, parameters: &[Parameter], found: &mut Vec<String>) {
    for (key, value) in values {
        // Variants of an enum may have parameters of the same name: one that is secret is enough.
        let named = parameters.iter().filter(|one| one.name == *key || one.aliases.contains(key));
        named.for_each(|parameter| collect(value, parameter, found));
    }
}

fn collect(value: &Value, parameter: &Parameter, found: &mut Vec<String>) {
    if parameter.secret {
        return leaves(value, found);
    }
    match (&parameter.kind, value) {
        (ParameterKind::Object { parameters }, Value::Object(members)) => {
            collect_members(members, parameters, found);
        }
        (ParameterKind::List { items }, Value::Array(elements)) => {
            elements.iter().for_each(|element| collect(element, items, found));
        }
        (ParameterKind::Map { values }, Value::Object(members)) => {
            members.values().for_each(|member| collect(member, values, found));
        }
        // Text in the place of an object that holds a secret may be the secret.
        (_, Value::String(_)) if parameter.holds_secret() => leaves(value, found),
        _ => {}
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(elements) => elements.iter().for_each(|element| leaves(element, found)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn cleared(secrets: &[&str], text: &str) -> String {
        let secrets = Secrets::of_texts(secrets.iter().map(|&secret| secret.to_owned()).collect());
        secrets.clear(Error::new(ErrorKind::Internal, text.to_owned())).message().to_owned()
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        for (secret, text, left) in [
            ("hunter2!", "it is hunter2!.", "it is ***."),
            ("p@ss/w rd", "https://u:p%40ss%2Fw%20rd@x", "https://u:***@x"),
            ("p@ss/w rd", "?key=p%40ss%2fw+rd&a", "?key=***&a"),
            ("p@ss/w rd", "?key=p@ss/w%20rd", "?key=***"),
            ("a\"b\\c\nd", r#"{"token":"a\"b\\c\nd"}"#, r#"{"token":"***"}"#),
            ("pässword", "p%C3%A4ssword", "***"),
            ("a%20b%c", "raw a%20b%c, coded a%2520b%25c", "raw ***, coded ***"),
            ("hunter2!", "hex 68756e7465723221", "hex ***"),
            ("hunter2!", "body aHVudGVyMiE=", "body ***E="),
            ("hunter2!", "basic dXNlcjpodW50ZXIyIQ==", "basic dXNlcjp***Q=="),
            ("hunter2!", "basic YW46aHVudGVyMiE=", "basic YW46***E="),
            ("a?>b?>c?>d", "url YT8-Yj8-Yz8-ZA", "url ***A"),
            (" padded ", "the text padded", "the text ***"),
            ("Hunter2!", "no host HUNTER2!.example.com, nor hunter2!", "no host ***.example.com, nor ***"),
        ] {
            assert_eq!(cleared(&[secret], text), left, "{secret}");
        }
    }

    #[test]
    fn of_two_secrets_the_longer_goes_first() {
        assert_eq!(cleared(&["hunter", "hunter2!"], "hunter2! or hunter"), "*** or ***");
    }

    #[test]
    fn a_short_secret_takes_the_whole_text_with_it() {
        assert_eq!(cleared(&["ab"], "a cable"), NOT_SHOWN);
        assert_eq!(cleared(&["ab", ""], "nothing of it"), "nothing of it");
    }

    #[test]
    fn causes_and_places_are_cleared_and_cannot_be_asked() {
        let secrets = Secrets::of_texts(vec!["hunter2!".into()]);
        let cause = std::io::Error::other("login with hunter2! failed");
        let error = Error::new(ErrorKind::Unavailable, "no login").with_source(cause).with_column("hunter2!");
        let clear = secrets.clear(error.clone());
        assert_eq!(
            (clear.kind(), clear.causes().as_str()),
            (ErrorKind::Unavailable, "login with *** failed")
        );
        assert!(!format!("{clear}{clear:?}").contains("hunter2!"));
        // What holds none of it is left as it is.
        let other = Error::new(ErrorKind::Internal, "x").with_source(std::io::Error::other("y"));
        assert_eq!(format!("{:?}", secrets.clear(other.clone())), format!("{other:?}"));
    }
}
