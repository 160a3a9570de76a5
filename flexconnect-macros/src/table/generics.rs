//! The generics of what is emitted: with the conditions its columns make, without lifetimes, with those of a row.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Ident, Lifetime, parse_quote};

use super::emit::Emitted;
use super::model::Table;
use crate::types;

/// The generics with what their columns ask for: each generic field is a column, and nothing borrows.
pub(super) fn bounded(generics: &Generics, table: &Table, columns: &[Emitted<'_>]) -> Generics {
    let private = &table.private;
    let mut bounded = generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let clause = bounded.make_where_clause();
    for parameter in parameters {
        clause.predicates.push(parse_quote!(#parameter: 'static));
    }
    // The bound has a lifetime of its own so that the compiler takes it as a condition even where it names no
    // parameter. A field that cannot be a column is then one error, from `asserts`, and not one per impl.
    clause.predicates.extend(table.bounds.write.iter().flatten().cloned());
    let given = |column: &Emitted<'_>| {
        table.bounds.write.is_some() && types::is_generic(&column.field.ty, &table.generics)
    };
    for column in columns.iter().filter(|column| !given(column)) {
        let (ty, encoding) = (&column.owned, &column.encoding);
        clause.predicates.push(if column.is_flat() {
            parse_quote!(for<'__column> #ty: #private::Table)
        } else {
            parse_quote!(for<'__column> #ty: #private::Column<#encoding>)
        });
    }
    bounded
}

/// The generics without lifetimes and defaults; bounds that name a lifetime name `'static`.
pub(super) fn without_lifetimes(generics: &Generics) -> Generics {
    let mut kept = generics.clone();
    kept.params = generics
        .params
        .iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .map(|parameter| -> GenericParam {
            let mut parameter = parameter.clone();
            match &mut parameter {
                GenericParam::Type(ty) => {
                    ty.default = None;
                }
                GenericParam::Const(constant) => {
                    constant.default = None;
                }
                GenericParam::Lifetime(_) => {}
            }
            let owned = types::replace_lifetimes(parameter.to_token_stream(), &mut |_| quote!('static));
            parse_quote!(#owned)
        })
        .collect();
    if let Some(clause) = &generics.where_clause {
        let predicates = clause
            .predicates
            .iter()
            .filter(|predicate| !matches!(predicate, syn::WherePredicate::Lifetime(_)));
        let owned = types::replace_lifetimes(quote!(#(#predicates),*), &mut |_| quote!('static));
        kept.where_clause = Some(parse_quote!(where #owned));
    }
    kept
}

/// Generics for a row whose lifetimes are not those of the table: all of them, and those of the row alone.
pub(super) fn accepts(generics: &Generics) -> (Generics, Generics) {
    let mut rename = |lifetime: &Lifetime| {
        let name = if lifetime.ident == "static" {
            lifetime.clone()
        } else {
            Lifetime::new(&format!("'__row_{}", lifetime.ident), Span::call_site())
        };
        name.to_token_stream()
    };
    let mut other = generics.clone();
    other.params = generics
        .params
        .iter()
        .map(|parameter| -> GenericParam {
            let renamed = types::replace_lifetimes(parameter.to_token_stream(), &mut rename);
            parse_quote!(#renamed)
        })
        .collect();
    let mut both = generics.clone();
    let renamed = other.params.iter().filter(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    // Lifetimes come before all other parameters.
    both.params = renamed.chain(&generics.params).cloned().collect();
    if let Some(clause) = &generics.where_clause {
        let predicates = &clause.predicates;
        let renamed = types::replace_lifetimes(predicates.to_token_stream(), &mut rename);
        let renamed: syn::WhereClause = parse_quote!(where #renamed);
        let both_where = both.make_where_clause();
        if generics.lifetimes().next().is_some() {
            both_where.predicates.extend(renamed.predicates);
        }
    }
    (both, other)
}
