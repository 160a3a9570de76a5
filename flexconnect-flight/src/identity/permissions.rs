//! What a caller may do to which table.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use flexconnect_core::{Caller, Result};

/// What is done to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// Planning and reading rows, and listing partitions.
    Read,
    /// Writing rows, and making a table by writing it.
    Write,
}

/// Says what a caller may do to a table. A function will do, [`Permissions`] is a table of rules.
///
/// It is asked for each call that names a table, and again when a ticket is redeemed, with the path as the client wrote
/// it, whether there is such a table or not; and for each table of a listing. A table one may neither read nor write is
/// not listed; its description, its columns and its check are for those who may do either.
///
/// ```
/// use flexconnect_core::{Caller, Plugin};
/// use flexconnect_flight::FlightService;
/// use flexconnect_flight::identity::Access;
///
/// // Everybody reads; a department writes its own tables.
/// let authorize = |caller: &Caller, path: &[String], access: Access| match access {
///     Access::Write => caller.name.as_deref() == path.first().map(String::as_str),
///     _ => true,
/// };
/// let service = FlightService::new(Plugin::new("samples", "1.0.0")).with_authorizer(authorize);
/// ```
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Whether this caller may do this to the table at this path.
    ///
    /// # Errors
    /// What keeps it from knowing; the call is refused then. A kind an [`Error`](flexconnect_core::Error) has is kept,
    /// any other error's text goes to the log only.
    async fn allows(&self, caller: &Caller, path: &[String], access: Access) -> Result<bool>;
}

#[async_trait]
impl<F: Fn(&Caller, &[String], Access) -> bool + Send + Sync + 'static> Authorize for F {
    async fn allows(&self, caller: &Caller, path: &[String], access: Access) -> Result<bool> {
        Ok(self(caller, path, access))
    }
}

/// Rules, each of which allows something; what none allows is refused.
///
/// A rule names a caller, or all: `*` is everybody whose name is known, `?` is everybody. Its pattern names tables: one
/// component per level between `/`, where `*` stands for any one component and `**` at the end for any number of them.
/// A path whose component holds a `/` itself is met by those two only.
///
/// ```
/// use flexconnect_core::Caller;
/// use flexconnect_flight::identity::{Access, Permissions};
///
/// let permissions = Permissions::new()
///     .with_rule("*", "public/**", [Access::Read])
///     .with_rule("ann", "sales/*", [Access::Read, Access::Write]);
/// let sales = ["sales".to_owned(), "orders".to_owned()];
/// assert!(permissions.allow(&Caller::named("ann"), &sales, Access::Write));
/// assert!(!permissions.allow(&Caller::named("bob"), &sales, Access::Read));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Permissions(Arc<Vec<Rule>>);

#[derive(Debug, Clone)]
struct Rule {
    caller: Who,
    tables: Vec<String>,
    access: Vec<Access>,
}

#[derive(Debug, Clone)]
enum Who {
    Anybody,
    AnybodyNamed,
    Named(String),
}

impl Permissions {
    /// Allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows this caller to do this to the tables of this pattern.
    #[must_use]
    pub fn with_rule(
        mut self,
        caller: impl Into<String>,
        tables: impl AsRef<str>,
        access: impl IntoIterator<Item = Access>,
    ) -> Self {
        let caller = match caller.into().as_str() {
            "?" => Who::Anybody,
            "*" => Who::AnybodyNamed,
            name => Who::Named(name.to_owned()),
        };
        let tables = tables.as_ref().split('/').map(str::to_owned).collect();
        let rule = Rule { caller, tables, access: access.into_iter().collect() };
        Arc::make_mut(&mut self.0).push(rule);
        self
    }

    /// Whether one of the rules allows it.
    pub fn allow(&self, caller: &Caller, path: &[String], access: Access) -> bool {
        self.0
            .iter()
            .any(|rule| rule.access.contains(&access) && rule.caller.is(caller) && meets(&rule.tables, path))
    }
}

#[async_trait]
impl Authorize for Permissions {
    async fn allows(&self, caller: &Caller, path: &[String], access: Access) -> Result<bool> {
        Ok(self.allow(caller, path, access))
    }
}

impl Who {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Who::Anybody => true,
            Who::AnybodyNamed => caller.name.is_some(),
            Who::Named(name) => caller.name.as_ref() == Some(name),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Write => "write",
        })
    }
}

/// Whether a path is one of a pattern's.
fn meets(pattern: &[String], path: &[String]) -> bool {
    match (pattern, path) {
        ([last], _) if last == "**" => true,
        ([], []) => true,
        ([one, pattern @ ..], [component, path @ ..]) => {
            (one == "*" || one == component) && meets(pattern, path)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_goes_by_components() {
        let meets = |pattern: &str, path: &[&str]| {
            let pattern: Vec<_> = pattern.split('/').map(str::to_owned).collect();
            super::meets(&pattern, &path.iter().map(|&component| component.to_owned()).collect::<Vec<_>>())
        };
        assert!(meets("a/b", &["a", "b"]) && meets("a/*", &["a", "b/c"]) && meets("**", &["a", "b"]));
        assert!(meets("a/**", &["a", "b", "c"]) && meets("a/**", &["a"]) && meets("*", &["a"]));
        for (pattern, path) in
            [("a", &["a", "b"][..]), ("a/b", &["a/b"]), ("*", &["a", "b"]), ("a/*", &["a"])]
        {
            assert!(!meets(pattern, path), "{pattern} {path:?}");
        }
    }

    #[test]
    fn what_no_rule_allows_is_refused() {
        let permissions = Permissions::new()
            .with_rule("?", "open", [Access::Read])
            .with_rule("*", "known", [Access::Read])
            .with_rule("ann", "**", [Access::Write]);
        let (nobody, ann) = (Caller::default(), Caller::named("ann"));
        let allow = |caller, table: &str, access| permissions.allow(caller, &[table.to_owned()], access);
        assert!(allow(&nobody, "open", Access::Read) && !allow(&nobody, "known", Access::Read));
        assert!(allow(&ann, "known", Access::Read) && allow(&ann, "open", Access::Write));
        assert!(!allow(&ann, "other", Access::Read) && !allow(&nobody, "open", Access::Write));
        assert!(!Permissions::new().allow(&ann, &[], Access::Read));
    }
}
