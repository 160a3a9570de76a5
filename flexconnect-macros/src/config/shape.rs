//! What can be told of a field's type from its tokens: enough to refuse a rule that cannot fit it.

use syn::{GenericArgument, PathArguments, Type};

/// A type by the last name of its path. An alias or a type of the author's own is [`Other`](Shape::Other),
/// which every rule may fit: the compiler has the last word there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Boolean,
    Integer,
    Float,
    Text,
    Path,
    Duration,
    ByteSize,
    Date,
    Timestamp,
    Json,
    Secret(Box<Shape>),
    Option(Box<Shape>),
    List(Box<Shape>),
    Map(Box<Shape>),
    Other,
}

impl Shape {
    pub(crate) fn of(ty: &Type) -> Self {
        let Type::Path(path) = strip(ty) else { return Shape::Other };
        let Some(last) = path.path.segments.last() else { return Shape::Other };
        let inner = |position| Box::new(argument(&last.arguments, position).map_or(Shape::Other, Shape::of));
        match last.ident.to_string().as_str() {
            "bool" => Shape::Boolean,
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128"
            | "usize" => Shape::Integer,
            "f32" | "f64" => Shape::Float,
            "String" => Shape::Text,
            "PathBuf" => Shape::Path,
            "Duration" => Shape::Duration,
            "ByteSize" => Shape::ByteSize,
            "NaiveDate" | "Date" => Shape::Date,
            "DateTime" | "Timestamp" => Shape::Timestamp,
            "Value" => Shape::Json,
            "Secret" => Shape::Secret(inner(0)),
            "Option" => Shape::Option(inner(0)),
            "Vec" if pair(&last.arguments).is_some() => {
                Shape::Map(Box::new(pair(&last.arguments).map_or(Shape::Other, Shape::of)))
            }
            "Vec" | "BTreeSet" | "HashSet" => Shape::List(inner(0)),
            "BTreeMap" | "HashMap" => Shape::Map(inner(1)),
            _ => Shape::Other,
        }
    }

    /// The shape of a value that is there.
    pub(crate) fn present(&self) -> &Shape {
        match self {
            Shape::Option(inner) => inner,
            other => other,
        }
    }

    /// Whether a secret can be seen in the type.
    pub(crate) fn holds_secret(&self) -> bool {
        match self {
            Shape::Secret(_) => true,
            Shape::Option(inner) | Shape::List(inner) | Shape::Map(inner) => inner.holds_secret(),
            _ => false,
        }
    }

    /// Whether `min` and `max` can fit.
    pub(crate) fn has_bounds(&self) -> bool {
        match self {
            Shape::Integer
            | Shape::Float
            | Shape::Duration
            | Shape::ByteSize
            | Shape::Date
            | Shape::Timestamp
            | Shape::Other => true,
            Shape::Option(inner) => inner.has_bounds(),
            _ => false,
        }
    }

    /// Whether `min_len` and `max_len` can fit.
    pub(crate) fn has_length(&self) -> bool {
        match self {
            Shape::Text | Shape::List(_) | Shape::Map(_) | Shape::Other => true,
            Shape::Option(inner) | Shape::Secret(inner) => inner.has_length(),
            _ => false,
        }
    }

    /// The shape in words, with an article.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Shape::Boolean => "a boolean",
            Shape::Integer => "an integer",
            Shape::Float => "a number",
            Shape::Text => "text",
            Shape::Path => "a path",
            Shape::Duration => "a duration",
            Shape::ByteSize => "a byte size",
            Shape::Date => "a date",
            Shape::Timestamp => "an instant",
            Shape::Json => "a JSON value",
            Shape::Secret(_) => "a secret",
            Shape::Option(inner) => inner.words(),
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
            Shape::Other => "this type",
        }
    }
}

/// The `T` of an `Option<T>`; the type itself if it is none.
pub(crate) fn present_type(ty: &Type) -> &Type {
    let Type::Path(path) = strip(ty) else { return ty };
    let option = path.path.segments.last().filter(|last| last.ident == "Option");
    option.and_then(|last| argument(&last.arguments, 0)).unwrap_or(ty)
}

/// Whether the type is a set, which is written as a list.
pub(crate) fn is_set(ty: &Type) -> bool {
    let Type::Path(path) = strip(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "BTreeSet" || last.ident == "HashSet")
}

/// The type without parentheses and the invisible groups that `macro_rules` puts around it.
fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => strip(&inner.elem),
        Type::Group(inner) => strip(&inner.elem),
        other => other,
    }
}

/// The second type of the pairs that a list holds, if it holds pairs: a map that keeps its order.
fn pair(arguments: &PathArguments) -> Option<&Type> {
    let Type::Tuple(tuple) = strip(argument(arguments, 0)?) else { return None };
    tuple.elems.iter().nth(1).filter(|_| tuple.elems.len() == 2)
}

fn argument(arguments: &PathArguments, position: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.into_iter().nth(position)
}
