//! The names of a table's columns, as the compiler knows them: two structs that are flattened into one table are held
//! against each other where the table is declared.

use crate::same::same;

/// A column, or the columns of a struct that is flattened.
#[derive(Debug)]
pub enum Named {
    /// A column of this name.
    Column {
        /// The name.
        name: &'static str,
        /// Whether it can hold a null.
        nullable: bool,
    },
    /// The columns of a struct.
    Flat {
        /// What stands before their names.
        prefix: &'static str,
        /// The columns.
        columns: &'static [Named],
    },
}

/// Refuses a table two of whose columns have one name.
///
/// # Panics
/// When compiled, at the place of the caller, when there are such.
#[track_caller]
pub const fn assert_distinct(columns: &'static [Named]) {
    let mut seen = Seen { hashes: [0; PLACES], count: 0 };
    if let Some(name) = seen.add_all(columns, Text::EMPTY) {
        let told = Text::EMPTY.with("the column `").with(name.as_str()).with(
            "` is there twice: give a flattened struct a `prefix`, as `flatten(prefix = \"home_\")`, or rename a field",
        );
        panic!("{}", told.as_str());
    }
}

/// Refuses a name that is none of the table's columns, or in a key one that can be null.
///
/// # Panics
/// When compiled, at the place of the caller.
#[track_caller]
pub const fn assert_named(columns: &'static [Named], name: &str, is_key: bool) {
    let told = match find(columns, Text::EMPTY, name) {
        None => Text::EMPTY.with("there is no column `").with(name).with("`"),
        Some(true) if is_key => {
            Text::EMPTY.with("`").with(name).with("` can be null, and a column of the key cannot")
        }
        Some(_) => return,
    };
    panic!("{}", told.as_str());
}

/// Whether the column of this name can hold a null; `None` when there is none.
const fn find(columns: &'static [Named], prefix: Text, wanted: &str) -> Option<bool> {
    let mut at = 0;
    while at < columns.len() {
        match &columns[at] {
            Named::Column { name, nullable } => {
                if same(prefix.with(name).as_str().as_bytes(), wanted.as_bytes()) {
                    return Some(*nullable);
                }
            }
            Named::Flat { prefix: more, columns } => {
                let found = find(columns, prefix.with(more), wanted);
                if found.is_some() {
                    return found;
                }
            }
        }
        at += 1;
    }
    None
}

/// Places for hashes; more columns than half of them are not held against each other.
const PLACES: usize = 4096;

/// The hashes of the names so far: the compiler counts the steps of its evaluation, so each name is looked at once.
struct Seen {
    hashes: [u64; PLACES],
    count: usize,
}

impl Seen {
    /// The first name that was there already.
    const fn add_all(&mut self, columns: &'static [Named], prefix: Text) -> Option<Text> {
        let mut at = 0;
        while at < columns.len() {
            match &columns[at] {
                Named::Column { name, .. } => {
                    let name = prefix.with(name);
                    if self.add(&name) {
                        return Some(name);
                    }
                }
                Named::Flat { prefix: more, columns } => {
                    let twice = self.add_all(columns, prefix.with(more));
                    if twice.is_some() {
                        return twice;
                    }
                }
            }
            at += 1;
        }
        None
    }

    /// Whether the name was there already.
    const fn add(&mut self, name: &Text) -> bool {
        if name.cut || self.count >= PLACES / 2 {
            return false;
        }
        self.count += 1;
        let hash = name.hash();
        let mut place = (hash % PLACES as u64) as usize;
        while self.hashes[place] != 0 {
            if self.hashes[place] == hash {
                return true;
            }
            place = (place + 1) % PLACES;
        }
        self.hashes[place] = hash;
        false
    }
}

/// The longest text there is room for.
const LONGEST: usize = 400;

/// A text put together by the compiler.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; LONGEST],
    len: usize,
    /// Whether something had no room.
    cut: bool,
}

impl Text {
    const EMPTY: Text = Text { bytes: [0; LONGEST], len: 0, cut: false };

    /// The text with this after it, when there is room for all of it.
    const fn with(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        if more.len() > LONGEST - self.len {
            self.cut = true;
            return self;
        }
        let mut at = 0;
        while at < more.len() {
            self.bytes[self.len] = more[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // It is made of whole texts.
            Err(_) => "",
        }
    }

    /// FNV-1a, never 0.
    const fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut at = 0;
        while at < self.len {
            hash = (hash ^ self.bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        if hash == 0 { 1 } else { hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CITY: &[Named] = &[Named::Column { name: "city", nullable: true }];

    #[test]
    fn names_are_held_against_each_other_with_their_prefixes() {
        const INNER: &[Named] = &[Named::Flat { prefix: "b_", columns: CITY }];
        let mut seen = Seen { hashes: [0; PLACES], count: 0 };
        assert!(seen.add_all(CITY, Text::EMPTY).is_none());
        assert!(seen.add_all(CITY, Text::EMPTY.with("home_")).is_none());
        assert!(seen.add_all(INNER, Text::EMPTY.with("a_")).is_none());
        let twice = seen.add_all(CITY, Text::EMPTY.with("a_b_"));
        assert_eq!(twice.expect("`a_b_city` is there already").as_str(), "a_b_city");
        assert_eq!(find(INNER, Text::EMPTY.with("a_"), "a_b_city"), Some(true));
        assert_eq!(find(INNER, Text::EMPTY, "city"), None);
    }

    #[test]
    fn a_name_too_long_to_compare_is_taken_as_it_is() {
        let long = Text::EMPTY.with("x").with(&"y".repeat(LONGEST));
        let mut seen = Seen { hashes: [0; PLACES], count: 0 };
        assert!(!seen.add(&long) && !seen.add(&long));
    }
}
