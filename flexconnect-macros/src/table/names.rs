//! What the compiler is asked about a table before anything else: whether its types are columns, and whether the names of
//! its columns differ, also those of flattened structs.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::emit::Emitted;
use super::model::{Conversion, Table};
use crate::place::located;
use crate::types;

/// One error for each type that cannot be a column, at that type, and for each name that flattened structs get wrong.
pub(crate) fn asserts(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let private = &table.private;
    let mut asserts: TokenStream = columns
        .iter()
        .filter(|column| !types::is_generic(&column.field.ty, &table.generics))
        .map(|column| {
            let (ty, encoding) = (&column.declared, &column.encoding);
            let private = located(private, column.field.ty.span());
            if column.is_flat() {
                return quote_spanned!(column.field.ty.span()=> const _: () = #private::assert_table::<#ty>(););
            }
            quote_spanned!(column.field.ty.span()=> const _: () = #private::assert_column::<#ty, #encoding>();)
        })
        .collect();
    let flat = columns.iter().rfind(|column| column.is_flat());
    let is_generic = |column: &Emitted<'_>| types::is_generic(&column.field.ty, &table.generics);
    if let Some(flat) = flat
        && !columns.iter().any(|column| column.is_flat() && is_generic(column))
    {
        let names = names(private, columns, &|_| quote!(false));
        let at = flat.field.ty.span();
        let of_distinct = located(private, at);
        let distinct = quote_spanned!(at=> #of_distinct::assert_distinct(COLUMNS));
        let columns = quote!(COLUMNS);
        let named = named(table, &columns);
        asserts.extend(quote! {
            const _: () = {
                const COLUMNS: &[#private::Named] = #names;
                const _: () = #distinct;
                #(const _: () = #named;)*
            };
        });
    }
    asserts
}

/// The names of the columns; `nullable` says whether a column can be null.
pub(super) fn names(
    private: &TokenStream,
    columns: &[Emitted<'_>],
    nullable: &dyn Fn(&Emitted<'_>) -> TokenStream,
) -> TokenStream {
    let names = columns.iter().map(|column| match &column.column.conversion {
        Conversion::Flatten(prefix) => {
            let owned = &column.owned;
            let columns = quote!(<<#owned as #private::Table>::Rows as #private::TableRows>::NAMES);
            quote!(#private::Named::Flat { prefix: #prefix, columns: #columns })
        }
        _ => {
            let (name, nullable) = (&column.column.name, nullable(column));
            quote!(#private::Named::Column { name: #name, nullable: #nullable })
        }
    });
    quote!(&[#(#names),*])
}

/// What is asked of the names that only flattened structs can have.
pub(super) fn named<'t>(table: &'t Table, columns: &'t TokenStream) -> impl Iterator<Item = TokenStream> {
    table.flattened.iter().map(move |(name, span, is_key)| {
        let private = located(&table.private, *span);
        quote_spanned!(*span=> #private::assert_named(#columns, #name, #is_key))
    })
}
