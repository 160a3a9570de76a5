//! What can be told of a field's type from its tokens.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type};

/// The type with every lifetime replaced by `'static`: buffers outlive the rows that fill them.
pub(crate) fn owned(ty: &Type) -> TokenStream {
    replace_lifetimes(ty.to_token_stream(), &mut |_| quote!('static))
}

/// The same tokens with every lifetime replaced.
pub(crate) fn replace_lifetimes(
    tokens: TokenStream,
    replace: &mut dyn FnMut(&Lifetime) -> TokenStream,
) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(tick) if tick.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(ident)) => {
                    replaced.extend(replace(&Lifetime { apostrophe: tick.span(), ident }));
                }
                other => {
                    replaced.extend([TokenTree::Punct(tick)]);
                    replaced.extend(other);
                }
            },
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_lifetimes(group.stream(), replace));
                inner.set_span(group.span());
                replaced.extend([TokenTree::Group(inner)]);
            }
            token => replaced.extend([token]),
        }
    }
    replaced
}

/// Whether a lifetime occurs in the type.
pub(crate) fn borrows(ty: &Type) -> bool {
    let mut found = false;
    replace_lifetimes(ty.to_token_stream(), &mut |lifetime| {
        found |= lifetime.ident != "static";
        lifetime.to_token_stream()
    });
    found
}

/// Whether a type or const parameter occurs in the type.
pub(crate) fn is_generic(ty: &Type, generics: &Generics) -> bool {
    let types = generics.type_params().map(|parameter| parameter.ident.clone());
    let consts = generics.const_params().map(|parameter| parameter.ident.clone());
    let parameters: HashSet<Ident> = types.chain(consts).collect();
    !parameters.is_empty() && mentions(ty.to_token_stream(), &mut |ident, _| parameters.contains(ident))
}

/// Whether the type names this one, and not one of that name in another module.
pub(crate) fn names(ty: &Type, name: &Ident) -> bool {
    mentions(ty.to_token_stream(), &mut |ident, after_path| !after_path && ident == name)
}

/// Whether an identifier is what is looked for; the question is told whether a `::` stands before it.
fn mentions(tokens: TokenStream, is: &mut dyn FnMut(&Ident, bool) -> bool) -> bool {
    let mut after_path = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if is(&ident, after_path) {
                    return true;
                }
                after_path = false;
            }
            TokenTree::Group(group) => {
                if mentions(group.stream(), is) {
                    return true;
                }
            }
            TokenTree::Punct(punct) => after_path = punct.as_char() == ':',
            TokenTree::Literal(_) => {}
        }
    }
    false
}

/// The first type argument when the type's name is this: `T` of `Option<T>`.
pub(crate) fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// What a reference points at, or the type itself.
pub(crate) fn referent(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}

/// Whether the type is a reference.
pub(crate) fn is_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(_))
}

/// Whether the type is an `Option`, as far as its name says.
pub(crate) fn is_option(ty: &Type) -> bool {
    argument_of(ty, "Option").is_some()
}

/// Whether the type is `PhantomData`, which holds nothing.
pub(crate) fn is_phantom(ty: &Type) -> bool {
    argument_of(ty, "PhantomData").is_some()
}

/// The type in an `Option`, a reference or a pointer, as far as their names say.
fn pointee(ty: &Type) -> &Type {
    for container in ["Option", "Box", "Arc", "Rc", "Cow"] {
        if let Some(inner) = argument_of(ty, container) {
            return pointee(inner);
        }
    }
    match ty {
        Type::Reference(reference) => pointee(&reference.elem),
        Type::Paren(paren) => pointee(&paren.elem),
        Type::Group(group) => pointee(&group.elem),
        ty => ty,
    }
}

/// The last name of the type in an `Option`, a reference or a pointer: `Vec` of `Option<Vec<i64>>`.
pub(crate) fn kind_of(ty: &Type) -> Option<String> {
    match pointee(ty) {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// Types that are maps.
pub(crate) const MAPS: [&str; 3] = ["BTreeMap", "HashMap", "IndexMap"];

/// Types that are lists.
const LISTS: [&str; 6] = ["Vec", "VecDeque", "BTreeSet", "HashSet", "SmallVec", "ArrayVec"];

/// Whether the type may be a list: not when it is known to be another.
pub(crate) fn may_be_list(ty: &Type) -> bool {
    match pointee(ty) {
        Type::Slice(_) | Type::Array(_) | Type::Macro(_) => true,
        Type::Path(path) => {
            LISTS.iter().chain(&MAPS).any(|name| argument_of(pointee(ty), name).is_some())
                || (path.path.get_ident().is_some() && innermost(ty).is_some_and(|name| !is_scalar(&name)))
        }
        _ => false,
    }
}

fn is_scalar(name: &str) -> bool {
    const SCALARS: [&str; 17] = [
        "bool", "char", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "f32", "f64", "String",
    ];
    SCALARS.contains(&name)
}

/// Whether the type is known to be a column by its tokens alone: a number or text, in an `Option`, a `Vec` or a reference.
pub(crate) fn is_known_column(ty: &Type) -> bool {
    const KNOWN: [&str; 13] =
        ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "String", "str"];
    match ty {
        Type::Reference(reference) => is_known_column(&reference.elem),
        Type::Path(path) => match argument_of(ty, "Option").or_else(|| argument_of(ty, "Vec")) {
            Some(inner) => is_known_column(inner),
            None => KNOWN.iter().any(|name| path.path.is_ident(name)),
        },
        _ => false,
    }
}

/// Whether the type names types that are neither the language's nor the standard library's.
pub(crate) fn names_own_types(ty: &Type) -> bool {
    const KNOWN: [&str; 17] = [
        "Option",
        "Vec",
        "Box",
        "Arc",
        "Rc",
        "Cow",
        "NonZero",
        "BTreeMap",
        "HashMap",
        "BTreeSet",
        "HashSet",
        "VecDeque",
        "PhantomData",
        "std",
        "core",
        "str",
        "SystemTime",
    ];
    // A path to elsewhere (`chrono::NaiveDate`) is not private to the module.
    mentions(ty.to_token_stream(), &mut |ident, after_path| {
        let name = ident.to_string();
        let starts_high = name.starts_with(char::is_uppercase);
        starts_high && !after_path && name != "String" && !KNOWN.contains(&name.as_str())
    })
}

/// The type that borrows what this one owns, with the lifetime `'__row`; `None` for one that owns nothing, and where
/// that cannot be told. A list of such types is one of `items`, when there is a name for that.
pub(crate) fn borrowed(ty: &Type, items: Option<&TokenStream>) -> Option<Type> {
    if let Some(inner) = argument_of(ty, "Option") {
        let inner = borrowed(inner, items)?;
        return Some(syn::parse_quote!(::core::option::Option<#inner>));
    }
    for pointer in ["Box", "Arc", "Rc"] {
        match argument_of(ty, pointer) {
            Some(Type::Slice(slice)) => return borrowed_slice(&slice.elem),
            Some(inner) if innermost(inner).as_deref() == Some("str") => {
                return Some(syn::parse_quote!(&'__row str));
            }
            _ => {}
        }
    }
    if let Some(item) = argument_of(ty, "Vec") {
        return borrowed_slice(item).or_else(|| {
            let (items, item) = (items?, borrowed(item, items)?);
            Some(syn::parse_quote!(#items<'__row, #item>))
        });
    }
    let is_string = matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "String"));
    is_string.then(|| syn::parse_quote!(&'__row str))
}

/// A slice that can lie in a column as it is: of bytes or of numbers.
fn borrowed_slice(item: &Type) -> Option<Type> {
    const NUMBERS: [&str; 10] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64"];
    let is_number = matches!(item, Type::Path(path) if NUMBERS.iter().any(|name| path.path.is_ident(name)));
    is_number.then(|| syn::parse_quote!(&'__row [#item]))
}

/// Whether values of the type may be compared: not when it is known that they cannot.
pub(crate) fn may_be_ordered(ty: &Type) -> bool {
    const UNORDERED: [&str; 11] = [
        "bool", "f16", "f32", "f64", "Vec", "VecDeque", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "Value",
    ];
    match pointee(ty) {
        Type::Slice(_) | Type::Array(_) | Type::Tuple(_) => false,
        _ => kind_of(ty).is_none_or(|name| !UNORDERED.contains(&name.as_str())),
    }
}

/// Whether the type is a `Vec` or a slice, of anything but bytes.
pub(crate) fn is_vec_of_columns(ty: &Type) -> bool {
    let inner = pointee(ty);
    let item = match inner {
        Type::Slice(slice) => Some(&*slice.elem),
        inner => argument_of(inner, "Vec"),
    };
    item.is_some_and(|item| !matches!(item, Type::Path(path) if path.path.is_ident("u8")))
}

/// Whether the type is one of the points in time whose names are known, or a list of them.
pub(crate) fn is_timestamp(ty: &Type) -> bool {
    const NAMES: [&str; 7] = [
        "SystemTime",
        "DateTime",
        "NaiveDateTime",
        "Timestamp",
        "PrimitiveDateTime",
        "OffsetDateTime",
        "UtcDateTime",
    ];
    match argument_of(pointee(ty), "Vec") {
        Some(item) => is_timestamp(item),
        None => kind_of(ty).is_some_and(|name| NAMES.contains(&name.as_str())),
    }
}

/// The length of an array, as it is written.
pub(crate) fn array_length(ty: &Type) -> Option<&syn::Expr> {
    match pointee(ty) {
        Type::Array(array) => Some(&array.len),
        _ => None,
    }
}

/// The lengths of an array and of those in it, the outermost first, as they are written.
pub(crate) fn array_lengths(ty: &Type) -> Vec<String> {
    match pointee(ty) {
        Type::Array(array) => {
            let mut lengths = vec![array.len.to_token_stream().to_string()];
            lengths.extend(array_lengths(&array.elem));
            lengths
        }
        _ => Vec::new(),
    }
}

/// How many parts a tuple has, when the type is one or a list of them.
pub(crate) fn tuple_length(ty: &Type) -> Option<usize> {
    match pointee(ty) {
        Type::Tuple(tuple) => Some(tuple.elems.len()),
        inner => argument_of(inner, "Vec").and_then(tuple_length),
    }
}

/// The name of the type that is left when all containers are taken off: `i64` of `Option<Vec<i64>>`.
/// `None` when it is not a plain name; bytes are `[u8]`.
pub(crate) fn innermost(ty: &Type) -> Option<String> {
    for container in ["Option", "Box", "Arc", "Rc", "Cow", "NonZero"] {
        if let Some(inner) = argument_of(ty, container) {
            return innermost(inner);
        }
    }
    match ty {
        Type::Reference(reference) => innermost(&reference.elem),
        Type::Slice(slice) => item(&slice.elem),
        Type::Array(array) => item(&array.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        Type::Group(group) => innermost(&group.elem),
        Type::Path(path) => match argument_of(ty, "Vec") {
            Some(inner) => item(inner),
            None => path.path.get_ident().map(ToString::to_string),
        },
        _ => None,
    }
}

fn item(ty: &Type) -> Option<String> {
    let name = innermost(ty)?;
    let is_byte = matches!(ty, Type::Path(path) if path.path.is_ident("u8"));
    Some(if is_byte { "[u8]".to_owned() } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(text: &str) -> Type {
        syn::parse_str(text).unwrap()
    }

    #[test]
    fn containers_are_taken_off() {
        let inner = |text| innermost(&ty(text));
        assert_eq!(inner("Option<Vec<std::sync::Arc<i64>>>").as_deref(), Some("i64"));
        assert_eq!(inner("&'a [u8]").as_deref(), Some("[u8]"));
        assert_eq!(inner("Vec<Option<u8>>").as_deref(), Some("u8"));
        assert_eq!(inner("HashMap<String, i64>"), None);
    }

    #[test]
    fn columns_are_known_by_their_names() {
        assert!(is_known_column(&ty("Option<Vec<&'a str>>")));
        assert!(!is_known_column(&ty("Vec<Option<own::String>>")));
        assert!(!is_known_column(&ty("Box<i64>")));
    }

    #[test]
    fn lifetimes_are_replaced_at_every_depth() {
        let replaced = owned(&ty("Option<Cow<'a, [&'b str]>>")).to_string().replace(' ', "");
        assert_eq!(replaced, "Option<Cow<'static,[&'staticstr]>>");
        assert!(borrows(&ty("Vec<&'a str>")));
        assert!(!borrows(&ty("&'static str")));
    }

    #[test]
    fn a_type_of_the_same_name_elsewhere_is_another() {
        let node: Ident = syn::parse_str("Node").unwrap();
        assert!(names(&ty("Vec<Box<Node>>"), &node));
        assert!(!names(&ty("Vec<tree::Node>"), &node));
    }
}
