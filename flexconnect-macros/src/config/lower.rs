//! Defaults and bounds: an author's expressions as values of the field's type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Type, parse_quote};

use super::literal::{Literal, bytes, duration, is_literal, literal};
use super::model::{Default, Field};
use super::shape::{Shape, is_set, present_type};
use super::tokens::{local, mixed};

/// The default as a value of the field's type.
pub(crate) fn lower_default(default: &Default, field: &Field, root: &syn::Path) -> TokenStream {
    match default {
        Default::Trait(span) => {
            let ty = &field.ty;
            quote_spanned!(span.resolved_at(mixed())=> <#ty as ::core::default::Default>::default())
        }
        Default::Expr(expr) => lower(expr, &field.shape, &field.ty, root),
    }
}

/// A reference to a value that a field can have when it has one.
pub(crate) fn lower_present(value: &Expr, field: &Field, root: &syn::Path) -> TokenStream {
    let (ty, local) = (present_type(&field.ty), local("bound"));
    let bound = lower(value, field.shape.present(), ty, root);
    quote!(&{
        let #local: #ty = #bound;
        #local
    })
}

/// An expression as a value of this type: literals by what the type looks like, everything else by `From`,
/// which takes a value of the type itself too.
fn lower(expr: &Expr, shape: &Shape, ty: &Type, root: &syn::Path) -> TokenStream {
    // Errors point at the author's expression, while lints know that the conversion is not the author's.
    let span = expr.span().resolved_at(mixed());
    match (shape, expr) {
        (Shape::Option(inner), _) if is_literal(expr) => {
            let value = lower(expr, inner, present_type(ty), root);
            quote_spanned!(span=> ::core::option::Option::Some(#value))
        }
        (Shape::List(inner), Expr::Array(list)) => {
            let elements = list.elems.iter().map(|element| lower(element, inner, &parse_quote!(_), root));
            if is_set(ty) {
                return quote_spanned!(span=> ::core::iter::FromIterator::from_iter([#(#elements),*]));
            }
            quote_spanned!(span=> ::std::vec::Vec::from([#(#elements),*]))
        }
        (Shape::Map(inner), Expr::Array(list)) => {
            let members = list.elems.iter().map(|member| match member {
                Expr::Tuple(pair) if pair.elems.len() == 2 => {
                    let key = &pair.elems[0];
                    let value = lower(&pair.elems[1], inner, &parse_quote!(_), root);
                    quote_spanned!(span=> (::std::string::String::from(#key), #value))
                }
                other => quote!(#other),
            });
            quote_spanned!(span=> ::core::iter::FromIterator::from_iter([#(#members),*]))
        }
        (Shape::Float, Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) | Expr::Unary(_)) => {
            quote_spanned!(span=> (#expr as #ty))
        }
        (Shape::Boolean | Shape::Integer | Shape::Float, _) => quote!(#expr),
        (Shape::Duration, Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => {
            let nanos = duration(&text.value()).expect("the check has read it");
            let (seconds, nanos) = ((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32);
            quote_spanned!(span=> ::core::time::Duration::new(#seconds, #nanos))
        }
        (Shape::ByteSize, Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => {
            let bytes = bytes(&text.value()).expect("the check has read it");
            quote_spanned!(span=> #root::ByteSize(#bytes))
        }
        (Shape::Date | Shape::Timestamp, Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => {
            quote_spanned!(span=> #root::from_source(#text))
        }
        (Shape::ByteSize, Expr::Lit(_)) => quote_spanned!(span=> #root::ByteSize(#expr)),
        // Of an alias the compiler knows the type; `From` would take the literal for an `i32`.
        (Shape::Other, _)
            if matches!(literal(expr), Some(Literal::Boolean | Literal::Integer | Literal::Float)) =>
        {
            quote!(#expr)
        }
        _ => quote_spanned!(span=> ::std::convert::From::from(#expr)),
    }
}
