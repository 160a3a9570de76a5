//! The impls that read rows back, for a struct that owns its fields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Index, parse_quote};

use super::emit::Emitted;
use super::model::{Conversion, Default, Field, Table};
use crate::types;

pub(crate) fn table(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    if table.broken {
        return fallback(table);
    }
    let readers = self::columns(table, columns);
    let column = match table.generics.lifetimes().count() {
        _ if readers.is_empty() => return readers,
        0 => column(table, columns),
        _ => super::borrow::column(table, columns),
    };
    quote!(#readers #column)
}

/// The impl that reads rows from their columns; nothing when they cannot be read.
pub(crate) fn columns(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    match table.generics.lifetimes().count() {
        0 => owned(table, columns),
        1 => super::borrow::columns(table, columns),
        _ => TokenStream::new(),
    }
}

fn owned(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    if table.fields.iter().any(|field| types::is_reference(&field.ty)) {
        return TokenStream::new();
    }
    let (private, ident, name) = (&table.private, &table.ident, &table.name);
    let generics = readable(table, columns);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let reader = columns.iter().map(|column| owned_reader(private, column));
    let parameters = table.generics.type_params().map(|parameter| &parameter.ident);
    let local: Vec<_> = (0..columns.len()).map(|at| format_ident!("c{at}")).collect();
    let lookup = columns.iter().map(lookup);
    let deny_unknown = deny_unknown(table, columns);
    let mut at = 0;
    let members = table.fields.iter().map(|field| {
        let member = &field.ident;
        let column = columns.iter().find(|column| column.field.ident == field.ident);
        let value = match column {
            Some(column) => {
                let index = Index::from(at);
                at += 1;
                self::value(table, column, &index, &quote!(readers.0))
            }
            None => default(field).unwrap_or_else(|| quote!(::core::default::Default::default())),
        };
        quote!(#member: #value)
    });
    let members: Vec<_> = members.collect();
    quote! {
        pub struct __Readers #impl_generics(
            (#(#reader,)*),
            ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        ) #where_clause;

        #[automatically_derived]
        impl #impl_generics #private::FromColumns for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;

            type Readers = __Readers #ty_generics;

            fn readers(columns: &mut #private::Lookup<'_>) -> ::core::option::Option<Self::Readers> {
                let _ = &columns;
                #(let #local = #lookup;)*
                #deny_unknown
                ::core::option::Option::Some(__Readers((#(#local?,)*), ::core::marker::PhantomData))
            }

            fn read_row(
                readers: &Self::Readers,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let _ = (readers, row);
                ::core::result::Result::Ok(Self { #(#members,)* })
            }
        }
    }
}

/// The impl that reads the struct from a column of structs.
fn column(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let (private, ident) = (&table.private, &table.ident);
    let generics = readable(table, columns);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::FromColumn<#private::encoding::Natural> for #ident #ty_generics #where_clause {
            type Reader = <Self as #private::FromColumns>::Readers;

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                let expected = <Self as #private::Column<#private::encoding::Natural>>::data_type();
                #private::read_struct::<Self>(array, &expected)
            }

            fn read(
                reader: &Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                <Self as #private::FromColumns>::read_row(reader, row)
            }
        }
    }
}

/// The value of a field that is a column, or what stands for it when the column is missing.
pub(super) fn value(
    table: &Table,
    column: &Emitted<'_>,
    index: &Index,
    readers: &TokenStream,
) -> TokenStream {
    let private = &table.private;
    let (owned, encoding, name) = (&column.owned, &column.encoding, &column.column.name);
    let declared = |value| column.asked.field(private, &column.declared, value);
    let field = types::referent(&column.field.ty);
    let is_option = types::is_option(field);
    let own = match &column.column.conversion {
        Conversion::Flatten(prefix) => {
            return declared(quote_spanned! {column.field.ty.span()=>
                <#owned as #private::FromColumns>::read_row(&#readers.#index, row).map_err(#private::after(#prefix))?
            });
        }
        Conversion::None => quote!(value),
        Conversion::With(module) => quote_spanned! {module.span()=>
            #module::from(value).map_err(#private::not_converted).map_err(#private::inside(#name))?
        },
        Conversion::Json | Conversion::Display if is_option => {
            quote!(::core::option::Option::map(value, |value| value.0))
        }
        Conversion::Json | Conversion::Display | Conversion::Runs => quote!(value.0),
    };
    let missing = default(column.field).unwrap_or_else(|| {
        let missing =
            declared(quote!(#private::missing::<#owned, #encoding>().map_err(#private::inside(#name))?));
        quote!({
            let value = #missing;
            #own
        })
    });
    let read = declared(quote!(source.get::<#owned, #encoding>(row).map_err(#private::inside(#name))?));
    quote_spanned! {column.field.ty.span()=>
        match &#readers.#index {
            ::core::option::Option::Some(source) => {
                let value = #read;
                #own
            }
            ::core::option::Option::None => #missing,
        }
    }
}

/// The type of the reader of one column.
pub(super) fn owned_reader(private: &TokenStream, column: &Emitted<'_>) -> TokenStream {
    if column.is_flat() {
        let owned = &column.owned;
        return quote!(<#owned as #private::FromColumns>::Readers);
    }
    let reader = column.of(private, quote!(FromColumn), &column.owned, quote!(Reader));
    quote!(::core::option::Option<#private::Source<#reader>>)
}

/// The expression that finds one column.
pub(super) fn lookup(column: &Emitted<'_>) -> TokenStream {
    let (owned, encoding) = (&column.owned, &column.encoding);
    if let Conversion::Flatten(prefix) = &column.column.conversion {
        return quote_spanned!(column.field.ty.span()=> columns.flat::<#owned>(#prefix));
    }
    let (names, has_default) = (names(column), !matches!(column.field.default, Default::None));
    quote_spanned!(column.field.ty.span()=> columns.column::<#owned, #encoding>(&[#(#names),*], #has_default))
}

/// A column's name and its other names.
pub(super) fn names<'c>(column: &'c Emitted<'_>) -> impl Iterator<Item = &'c String> {
    std::iter::once(&column.column.name).chain(column.column.aliases.iter().map(|(alias, _)| alias))
}

/// The statement that notes columns of other names, where the struct says so.
pub(super) fn deny_unknown(table: &Table, columns: &[Emitted<'_>]) -> Option<TokenStream> {
    let names = columns.iter().flat_map(names);
    table.deny_unknown.then(|| quote!(columns.deny_unknown(&[#(#names),*]);))
}

pub(super) fn default(field: &Field) -> Option<TokenStream> {
    match &field.default {
        Default::None => None,
        Default::Trait => Some(quote!(::core::default::Default::default())),
        Default::Path(path) => Some(quote!(#path())),
    }
}

/// The conditions under which all columns can be read.
pub(crate) fn conditions(table: &Table, columns: &[Emitted<'_>]) -> Option<syn::WhereClause> {
    readable(table, columns).where_clause
}

/// The conditions under which all columns can be borrowed.
pub(crate) fn conditions_to_borrow(table: &Table, columns: &[Emitted<'_>]) -> Option<syn::WhereClause> {
    let lifetime = table.generics.lifetimes().next()?;
    super::borrow::borrowable(table, columns, &lifetime.lifetime).where_clause
}

/// The generics with a bound for each column, that it can be read, and for each field that is filled in.
///
/// The bound has a lifetime of its own so that the compiler takes it as a condition even where it names no
/// parameter. A struct with a column that cannot be read is then one that cannot be read, and not an error.
fn readable(table: &Table, columns: &[Emitted<'_>]) -> Generics {
    let private = &table.private;
    let mut generics = table.generics.clone();
    let parameters: Vec<_> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let clause = generics.make_where_clause();
    for parameter in parameters {
        clause.predicates.push(parse_quote!(#parameter: 'static));
    }
    clause.predicates.extend(table.bounds.read.iter().flatten().cloned());
    let given = |column: &Emitted<'_>| {
        table.bounds.read.is_some() && types::is_generic(&column.field.ty, &table.generics)
    };
    for column in columns.iter().filter(|column| !given(column)) {
        let (owned, encoding) = (&column.owned, &column.encoding);
        if column.is_flat() {
            // What can be read is a column too, and so must say all that makes it one.
            clause.predicates.push(parse_quote!(for<'__column> #owned: #private::Table));
            clause.predicates.push(parse_quote!(for<'__readable> #owned: #private::FromColumns));
        } else {
            clause.predicates.push(parse_quote!(for<'__readable> #owned: #private::FromColumn<#encoding>));
        }
    }
    for field in table.fields.iter().filter(|field| matches!(field.default, Default::Trait)) {
        let ty = &field.ty;
        clause.predicates.push(parse_quote!(for<'__readable> #ty: ::core::default::Default));
    }
    generics
}

/// For a struct with mistakes: readable as far as the compiler is concerned, so that code that reads it is no
/// further mistake.
fn fallback(table: &Table) -> TokenStream {
    let (private, ident, name) = (&table.private, &table.ident, &table.name);
    let (impl_generics, ty_generics, where_clause) = table.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::FromColumns for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;

            type Readers = ();

            fn readers(_: &mut #private::Lookup<'_>) -> ::core::option::Option<Self::Readers> {
                ::core::option::Option::None
            }

            fn read_row(_: &(), row: usize) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                ::core::result::Result::Err(::std::boxed::Box::new(#private::Fault::new(row, "")))
            }
        }
    }
}
