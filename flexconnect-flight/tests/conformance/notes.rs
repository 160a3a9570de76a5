//! Notes by number, in three parts, to be read and written in every mode.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use flexconnect_core::{
    BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, Partition, ReadRequest, Result, RowWriter,
    Rows, Secret, Table, WriteMode, WriteRequest, WriteSummary,
};

pub(crate) const ROWS: i64 = 30;
const PARTS: i64 = 3;

#[derive(Clone, Table)]
#[table(primary_key(id), sorted_by(id))]
pub(crate) struct Note {
    id: i64,
    text: Option<String>,
}

#[derive(Table)]
struct Key {
    id: i64,
}

#[derive(Config)]
pub(crate) struct NotesConfig {
    /// Who asks.
    token: Secret<String>,
    /// The least weight shown.
    #[config(default = 0, min = 0, max = 100)]
    least: u32,
}

/// What the plugin keeps.
#[derive(Clone)]
pub(crate) struct Kept(Arc<Mutex<BTreeMap<i64, Note>>>);

impl Default for Kept {
    fn default() -> Self {
        let note = |id| Note { id, text: (id % 4 > 0).then(|| format!("note {id}")) };
        Kept(Arc::new(Mutex::new((0..ROWS).map(|id| (id, note(id))).collect())))
    }
}

pub(crate) struct Notes(Kept);

impl Notes {
    fn asked(&self, request: &ReadRequest) -> Result<Vec<Note>, Error> {
        let part = request.partition.as_ref().map(|partition| partition.token.parse::<i64>());
        let part = part.transpose().map_err(|_| Error::new(ErrorKind::NotFound, "the parts are 0 to 2"))?;
        let notes = self.0.0.lock().unwrap();
        Ok(notes.values().filter(|note| part.is_none_or(|part| note.id % PARTS == part)).cloned().collect())
    }
}

impl Connector<Kept> for Notes {
    const NAME: &'static str = "notes";
    type Config = NotesConfig;
    type Row = Note;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write(WriteMode::ALL).with_partitions().with_count()
    }

    async fn init(config: NotesConfig, kept: &Kept) -> Result<Self> {
        let _ = (config.token, config.least);
        Ok(Notes(kept.clone()))
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        Ok((0..PARTS).map(|part| Partition::new(part.to_string())).collect())
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Note> {
        match self.asked(&request) {
            Ok(notes) => Rows::iter(notes),
            Err(error) => Rows::error(error),
        }
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        Ok(Some(self.asked(request)?.len() as u64))
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        let kept = self.0.clone();
        Ok(match request.mode {
            WriteMode::Delete => BoxWriter::rows(Removing { kept, keys: Vec::new() }),
            mode => BoxWriter::rows(Adding { kept, mode, notes: Vec::new() }),
        })
    }
}

struct Adding {
    kept: Kept,
    mode: WriteMode,
    notes: Vec<Note>,
}

impl RowWriter for Adding {
    type Row = Note;

    async fn write_rows(&mut self, rows: Vec<Note>) -> Result<()> {
        self.notes.extend(rows);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let mut kept = self.kept.0.lock().unwrap();
        if self.mode == WriteMode::Append && self.notes.iter().any(|note| kept.contains_key(&note.id)) {
            return Err(Error::new(ErrorKind::Data, "there is a note with this number").into());
        }
        if self.mode == WriteMode::Overwrite {
            kept.clear();
        }
        let rows = self.notes.len() as u64;
        kept.extend(self.notes.into_iter().map(|note| (note.id, note)));
        Ok(WriteSummary::rows(rows))
    }
}

struct Removing {
    kept: Kept,
    keys: Vec<Key>,
}

impl RowWriter for Removing {
    type Row = Key;

    async fn write_rows(&mut self, rows: Vec<Key>) -> Result<()> {
        self.keys.extend(rows);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let mut kept = self.kept.0.lock().unwrap();
        let before = kept.len();
        self.keys.iter().for_each(|key| drop(kept.remove(&key.id)));
        Ok(WriteSummary::rows((before - kept.len()) as u64))
    }
}
