//! Names and places of the emitted code: what belongs to the author stands where the author wrote it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned;

use super::model::{Field, Name};

/// Where the compiler shows what is wrong with a field's type.
pub(crate) fn type_span(field: &Field) -> Span {
    field.ty.span().resolved_at(Span::call_site())
}

/// What `ConfigValue` has for the field's type. All of it stands at that type, or the compiler would show
/// the whole struct when the type is none.
pub(crate) fn of_type(field: &Field, root: &syn::Path, item: TokenStream) -> TokenStream {
    let (ty, span) = (&field.ty, type_span(field));
    let (root, item) = (moved(quote!(#root), |_| span), moved(item, |_| span));
    quote_spanned!(span=> <#ty as #root::ConfigValue>::#item)
}

/// What `ReadFields` has for a type whose fields stand among others. All of it stands at that type.
pub(crate) fn reads_fields(ty: &syn::Type, root: &syn::Path, item: TokenStream) -> TokenStream {
    let span = ty.span().resolved_at(Span::call_site());
    let (root, item) = (moved(quote!(#root), |_| span), moved(item, |_| span));
    quote_spanned!(span=> <#ty as #root::ReadFields>::#item)
}

/// The call of an author's function: if the argument does not fit, that is shown at the function's name.
pub(crate) fn called(function: &syn::Path, argument: TokenStream) -> TokenStream {
    let span = function.span();
    // A variable keeps its meaning: only its place changes.
    let argument = moved(argument, |meaning| span.resolved_at(meaning));
    quote_spanned!(span.resolved_at(mixed())=> #function(#argument))
}

fn moved(tokens: TokenStream, place: impl Fn(Span) -> Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        token.set_span(place(token.span()));
        token
    });
    moved.collect()
}

/// A name as text, at the place it was taken from.
pub(crate) fn name_text(name: &Name) -> LitStr {
    LitStr::new(&name.text, name.span)
}

/// A member of something of ours.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, mixed())
}

/// A variable of the emitted code. No variable in an author's expression can mean it; the underscores keep
/// it apart from the author's constants too, which a pattern would match instead of naming something new.
pub(crate) fn local(name: &str) -> Ident {
    format_ident!("__{name}", span = mixed())
}

/// The place of the derive, for names that only the emitted code can mean.
pub(crate) fn mixed() -> Span {
    Span::mixed_site()
}
