//! What a derive input says, before it is checked: every part keeps the tokens it came from.

use proc_macro2::Span;
use syn::{Expr, Generics, Ident, LitInt, LitStr, Path, Type};

use super::shape::Shape;

/// A derive input that can be a configuration.
pub(crate) enum Model {
    Struct(Struct),
    Choice(Choice),
    Tagged(Tagged),
}

/// A struct: an object with a parameter for each field.
pub(crate) struct Struct {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) root: Path,
    pub(crate) check: Option<Path>,
    pub(crate) preset: Option<LitStr>,
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
    pub(crate) pattern: Option<LitStr>,
    pub(crate) section: Option<LitStr>,
    pub(crate) section_help: Option<LitStr>,
    pub(crate) placeholder: Option<LitStr>,
    pub(crate) check: Option<Path>,
    pub(crate) secret: Option<Span>,
    pub(crate) advanced: bool,
    pub(crate) multiline: Option<Span>,
    pub(crate) hidden: Option<Span>,
    pub(crate) required: Option<Span>,
    pub(crate) visible_when: Vec<Condition>,
    pub(crate) dynamic_choices: Option<DynamicChoices>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) flatten: Option<Flatten>,
}

/// What another field has to be: one of these values, or any if none is named.
pub(crate) struct Condition {
    pub(crate) field: Ident,
    pub(crate) values: Option<Vec<Expr>>,
    /// Whether it has to be none of them.
    pub(crate) negated: bool,
}

/// `dynamic_choices`, and the fields it is computed from.
pub(crate) struct DynamicChoices {
    pub(crate) span: Span,
    pub(crate) depends_on: Vec<Ident>,
}

/// `flatten`, and the attributes beside it that have no parameter to belong to.
pub(crate) struct Flatten {
    pub(crate) span: Span,
    pub(crate) beside: Vec<Ident>,
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

/// An enum with data: a tag that says which variant it is, and the parameters of that variant beside it.
pub(crate) struct Tagged {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) root: Path,
    pub(crate) tag: Name,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) section: Option<LitStr>,
    pub(crate) section_help: Option<LitStr>,
    pub(crate) variants: Vec<TaggedVariant>,
}

/// One of its variants.
pub(crate) struct TaggedVariant {
    pub(crate) variant: Variant,
    pub(crate) body: Body,
    pub(crate) default: Option<Span>,
}

/// The data of a variant.
pub(crate) enum Body {
    Nothing,
    Fields(Vec<Field>),
    Struct(Box<Type>),
}
