//! Proves in a connector's own tests that it does what it declares, and that what it does not declare is refused.
//!
//! One line, on any executor; `assert` fails the test with the whole report:
//!
//! ```
//! use flexconnect_core::conformance::{self, Options};
//! # use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
//! # #[derive(Table)]
//! # #[table(primary_key(n), sorted_by(n))]
//! # struct Number { n: u64, text: Option<String> }
//! # #[derive(Config)]
//! # struct NumbersConfig {
//! #     /// How many.
//! #     #[config(default = 10, max = 1_000)]
//! #     count: u64,
//! # }
//! # struct Numbers(NumbersConfig);
//! # impl Connector for Numbers {
//! #     const NAME: &'static str = "numbers";
//! #     type Config = NumbersConfig;
//! #     type Row = Number;
//! #     async fn init(config: NumbersConfig, _: &()) -> Result<Self> { Ok(Numbers(config)) }
//! #     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
//! #         Rows::iter((0..self.0.count).map(|n| Number { n, text: (n % 3 > 0).then(|| format!("number {n}")) }))
//! #     }
//! # }
//! # futures::executor::block_on(async {
//! let plugin = Plugin::new("samples", "1.0.0").connector::<Numbers>();
//! conformance::check(&plugin, Options::new()).await.assert();
//! # });
//! ```
//!
//! Every table of the plugin is examined, with its operator's values and what [`Options`] say: the configuration a
//! client would give, whether the table may be written. What a check proves:
//!
//! | check | promise |
//! |---|---|
//! | `config` | what is missing, unknown, of another type or out of bounds is refused; all of it in one error |
//! | `check` | the source can be used, and says so |
//! | `schema` | every batch is as the schema says, nulls too; asked again, it is the same |
//! | `repeatability` | the same request gives the same rows |
//! | `limit` | exact: none, one, all but one, all, one more; with a filter, and over partitions |
//! | `projection` | each column, in the order asked, with its own values; none; unknown and repeated ones refused |
//! | `filters` | every operator on every column with values of the data, as flexconnect evaluates them: a wrong `Exact` is found |
//! | `partitions` | disjoint, complete, readable alone, beside each other, and again; what they say of their rows is so |
//! | `count` | exact, with limit, filter and partition |
//! | `primary key`, `unique`, `sorted by`, `incremental` | what the table says of its rows is so |
//! | `state` | a read from any checkpoint gives every row behind it; a state of a later version is refused |
//! | `write refusals` | modes, tokens and columns that are not the table's are refused before a row |
//! | `commit`, `abort` | rows are there after the commit, and never else |
//! | `overwrite`, `upsert`, `delete`, `idempotency` | as declared |
//! | `cancellation` | work ends with its reader |
//! | `memory` | the source is at most two batches ahead of its reader; needs a [`Probe`] |
//! | `secrets` | no value that is declared secret is in an error, its causes, a log, a schema, a description, a partition, a checkpoint or a row, plain or as it is commonly written |
//!
//! What a table does not declare is not applicable, what lacks something is not run, and the report says why. The report
//! names rows by their number and shows none. `flexconnect-flight` has the same checks for a running server.

mod bench;
mod checks;
mod in_process;
mod listener;
mod literal;
mod options;
mod patience;
mod probe;
mod report;
mod row_bytes;
mod subject;

use arrow_array::RecordBatch;

use crate::error::ErrorKind;
use bench::{Baseline, Bench, Said};
use checks::{config, ending, facts, filters, limit, partitions, projection, schema, secrets, state, writes};
use patience::within;

pub use in_process::Examined;
pub use options::Options;
pub use probe::{Probe, ProbedRead};
pub use report::{Finding, Outcome, Report, Verdict};
pub use subject::{OpenTable, Subject, TableRead};

/// Examines a plugin, an entry of one, or an open dataset.
pub async fn check(what: &impl Examined, options: Options) -> Report {
    examine(&what.subjects().await, &options).await
}

/// Examines these tables, wherever they are.
pub async fn examine(subjects: &[Box<dyn Subject>], options: &Options) -> Report {
    let mut report = Report::default();
    let names: Vec<String> = subjects.iter().map(|subject| subject.path().join("/")).collect();
    for unknown in options.unknown(&names) {
        let what = format!("there is no such table; there is {}", names.join(", "));
        let finding = Finding::new("options", what, "name a table by its path, joined by `/`");
        report.push(Outcome::new(unknown, "options", Verdict::Failed(vec![finding])));
    }
    for (subject, name) in subjects.iter().zip(&names) {
        if options.wants(name) {
            for outcome in examine_one(&**subject, name, options).await {
                report.push(outcome);
            }
        }
    }
    report
}

async fn examine_one(subject: &dyn Subject, name: &str, options: &Options) -> Vec<Outcome> {
    let of_table = options.of(name);
    let said = Said::default();
    let outcome = |check, verdict| Outcome::new(name, check, verdict);
    match within(options.patience, subject.described()).await {
        Ok(text) => said.note(text),
        Err(error) => {
            let finding = Finding::new("the description", error.to_string(), "let the table be described");
            return vec![outcome("description", Verdict::Failed(vec![finding]))];
        }
    }
    let right = of_table.config.clone();
    let opened = if of_table.config_is_no_object {
        Err(crate::error::Error::new(ErrorKind::Config, "`Options::with_config` was not given a JSON object"))
    } else {
        within(options.patience, subject.open(right.clone())).await
    };
    let table = match opened {
        Ok(table) => table,
        Err(error) if error.kind() == ErrorKind::Config && right.is_empty() => {
            let why =
                format!("it needs values, give them with `Options::with_config`: {}", said.error(error));
            return vec![outcome("config", Verdict::NotRun(why))];
        }
        Err(error) => {
            let advice = "give values it can be opened with in `Options::with_config`, or mend `init`";
            let finding = Finding::new("opening it", said.error(error).to_string(), advice);
            return vec![outcome("config", Verdict::Failed(vec![finding]))];
        }
    };
    let capabilities = subject.capabilities();
    let bench = Bench { table: &*table, capabilities: &capabilities, options, of_table, said: &said };
    let mut outcomes = vec![
        outcome("config", config::config(subject, &right, options.patience, &said).await),
        outcome("check", schema::check(&bench).await),
    ];
    let (verdict, mut baseline) = schema::schema(&bench).await;
    outcomes.push(outcome("schema", verdict));
    match &mut baseline {
        Some(baseline) => outcomes.extend(reads(&bench, baseline, name).await),
        None if capabilities.read => {
            let why = "the rows could not be read, see `schema`";
            outcomes.push(outcome("all other reads", Verdict::NotRun(why.into())));
        }
        None => {}
    }
    if capabilities.read && baseline.is_none() && !capabilities.write_modes.is_empty() {
        let why = "the rows could not be read, see `schema`";
        outcomes.push(outcome("writes", Verdict::NotRun(why.into())));
    } else {
        outcomes.extend(writes::writes(&bench, baseline.as_ref(), name).await);
    }
    outcomes.push(outcome("secrets", secrets::secrets(subject, &right, options, &said).await));
    outcomes
}

/// The checks that read, on a table whose rows are known.
async fn reads(bench: &Bench<'_>, baseline: &mut Baseline, name: &str) -> Vec<Outcome> {
    let outcome = |check, verdict| Outcome::new(name, check, verdict);
    let mut outcomes = vec![outcome("repeatability", schema::repeatability(bench, baseline).await)];
    let baseline = &*baseline;
    outcomes.push(outcome("limit", limit::limit(bench, baseline).await));
    outcomes.push(outcome("projection", projection::projection(bench, baseline).await));
    outcomes.push(outcome("filters", filters::filters(bench, baseline).await));
    outcomes.push(outcome("partitions", partitions::partitions(bench, baseline).await));
    outcomes.push(outcome("count", facts::count(bench, baseline).await));
    let endpoints = match facts::endpoints(bench, baseline).await {
        Ok(endpoints) if baseline.complete => Ok(endpoints),
        Ok(_) => Ok(vec![baseline.batch.clone()]),
        Err(error) => Err(Verdict::NotRun(format!("the partitions could not be read: {error}"))),
    };
    let told = |fact: fn(&Baseline, &[RecordBatch]) -> Verdict| match &endpoints {
        Ok(endpoints) => fact(baseline, endpoints),
        Err(not_run) => not_run.clone(),
    };
    outcomes.push(outcome("primary key", told(facts::primary_key)));
    outcomes.push(outcome("unique", told(facts::unique)));
    outcomes.push(outcome("sorted by", told(facts::sorted_by)));
    outcomes.push(outcome("incremental", told(facts::incremental)));
    outcomes.push(outcome("state", state::state(bench, baseline).await));
    outcomes.push(outcome("cancellation", ending::cancellation(bench).await));
    outcomes.push(outcome("memory", ending::memory(bench, baseline).await));
    outcomes
}
