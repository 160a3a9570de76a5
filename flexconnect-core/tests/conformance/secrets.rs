//! A table with a secret, kept or told in one way.

use std::sync::Arc;

use flexconnect_core::arrow_array::{RecordBatch, StringArray};
use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::conformance::{self, Options, Report, Verdict};
use flexconnect_core::{
    Capabilities, Config, Connector, Error, ErrorKind, Page, Plugin, ReadRequest, Result, Rows, Secret,
};
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::only_fails;

/// How the secret gets out, each a thing that authors do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leak {
    None,
    /// The last four letters of it in the log, for people to know it by.
    Hint,
    Log,
    LogField,
    HalfOfItInAnError,
    Row,
    RowOfTheRequest,
    Checkpoint,
    Description,
    /// Core clears these.
    Error,
    ErrorInCapitals,
}

#[derive(Config)]
struct NotesConfig {
    /// Who asks.
    token: Secret<String>,
}

struct Notes {
    leak: Leak,
    token: String,
}

impl Notes {
    fn says(&self, leak: Leak, what: impl FnOnce(&str) -> String) -> String {
        if self.leak == leak { what(&self.token) } else { "nothing".into() }
    }
}

impl Connector<Leak> for Notes {
    const NAME: &'static str = "notes";
    type Config = NotesConfig;
    type Row = RecordBatch;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_state(1)
    }

    async fn init(config: NotesConfig, leak: &Leak) -> Result<Self> {
        let notes = Notes { leak: *leak, token: config.token.expose().clone() };
        let tail = &notes.token[notes.token.len() - 4..];
        match leak {
            Leak::Hint => tracing::info!("the token ends with {tail}"),
            Leak::Log => tracing::trace!("GET /notes?token={}", notes.token),
            Leak::LogField => tracing::debug!(token = ?Some(&notes.token), "connected"),
            _ => {}
        }
        Ok(notes)
    }

    async fn check(&self) -> Result<()> {
        let told = match self.leak {
            Leak::HalfOfItInAnError => format!("the token {}.. is not known", &self.token[..12]),
            Leak::Error => format!("the token {} is not known", self.token),
            Leak::ErrorInCapitals => format!("no host {}.example.com", self.token.to_uppercase()),
            _ => return Ok(()),
        };
        if self.token == RIGHT { Ok(()) } else { Err(Error::new(ErrorKind::Unauthenticated, told).into()) }
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        let about = self.says(Leak::Description, |token| format!("https://notes.example.com/?key={token}"));
        let field = Field::new("text", DataType::Utf8, false)
            .with_metadata([("description".to_owned(), about)].into());
        Ok(Some(Arc::new(Schema::new(vec![field]))))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::defer(async move {
            let since = match request.state::<Value>()? {
                None => 0,
                Some(state) => state["next"].as_i64().ok_or_else(|| {
                    Error::new(ErrorKind::InvalidRequest, "the state to resume from is of another table")
                })?,
            };
            if since >= COUNT {
                return Ok(Rows::empty());
            }
            let schema = self.get_read_schema().await?.expect("it has one");
            Ok(Rows::pages(since, move |number| {
                let plain = self.says(Leak::Row, |token| format!("from {token}"));
                let request = self.says(Leak::RowOfTheRequest, |token| basic(&format!("user:{token}")));
                let texts = StringArray::from(vec![format!("note {number}: {plain}, {request}")]);
                let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(texts)]).unwrap();
                let next = number + 1;
                let token = self.says(Leak::Checkpoint, str::to_owned);
                let page = Page::new(vec![batch], (next < COUNT).then_some(next));
                async move { Ok(page.with_checkpoint(&json!({"next": next, "token": token}))) }
            }))
        })
    }
}

/// Base64, as a header of HTTP has it.
fn basic(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let six = |bits: &[u8]| (0..6).fold(0, |index, bit| index << 1 | bits.get(bit).copied().unwrap_or(0));
    bits.chunks(6).map(|bits| char::from(LETTERS[usize::from(six(bits))])).collect()
}

const RIGHT: &str = "hush-hush-hush";
const COUNT: i64 = 5;

fn examine(leak: Leak) -> Report {
    let plugin = Plugin::new("notes", "1.0.0").shared(move |(): ()| async move { Ok(leak) });
    let plugin = plugin.connector::<Notes>();
    block_on(conformance::check(&plugin, Options::new().with_config("notes", json!({"token": RIGHT}))))
}

#[test]
fn a_secret_that_is_kept_or_cleared_by_core_passes() {
    for leak in [Leak::None, Leak::Hint, Leak::Error, Leak::ErrorInCapitals] {
        let report = examine(leak);
        report.assert();
        assert_eq!(report.verdict("notes", "secrets"), Some(&Verdict::Passed), "{leak:?}\n{report}");
    }
}

#[test]
fn each_way_out_is_found_and_the_report_is_none() {
    for leak in [
        Leak::Log,
        Leak::LogField,
        Leak::HalfOfItInAnError,
        Leak::Row,
        Leak::RowOfTheRequest,
        Leak::Checkpoint,
        Leak::Description,
    ] {
        let report = examine(leak);
        only_fails(&report, "secrets", &format!("{leak:?}"));
        let text = report.to_string();
        for hidden in [RIGHT, "kitcanary", "note 0"] {
            assert!(!text.contains(hidden), "{leak:?}: `{hidden}` is in the report\n{text}");
        }
    }
}
