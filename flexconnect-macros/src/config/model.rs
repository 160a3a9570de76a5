//! What a derive input says, before it is checked: every part keeps the tokens it came from.

use proc_macro2::Span;
use syn::{Expr, Generics, Ident, LitInt, LitStr, Path, Type};

use super::shape::Shape;

/// A derive input that can be a configuration.
pub(crate) enum Model {
    Struct(Struct),
    Choice(Choice),
}

/// A struct: an object with a parameter for each field.
pub(crate) struct Struct {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) root: Path,
    pub(crate) check: Option<Path>,
    pub(crate) fields: Vec<Field>,
}

/// One field.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
    pub(crate) name: Name,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) default: Option<Default>,
    pub(crate) min: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) min_len: Option<LitInt>,
    pub(crate) max_len: Option<LitInt>,
    pub(crate) section: Option<LitStr>,
    pub(crate) placeholder: Option<LitStr>,
    pub(crate) check: Option<Path>,
    pub(crate) secret: Option<Span>,
    pub(crate) advanced: bool,
}

/// The name of a parameter or a choice, and the token it was taken from.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// `default` or `default = expr`.
pub(crate) enum Default {
    Trait(Span),
    Expr(Box<Expr>),
}

/// An enum without data: one value of several.
pub(crate) struct Choice {
    pub(crate) ident: Ident,
    pub(crate) root: Path,
    pub(crate) variants: Vec<Variant>,
}

/// One of the values.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) label: String,
    pub(crate) help: String,
}
