//! The impls that borrow rows from their columns, for a struct with one lifetime.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Index, parse_quote};

use super::emit::Emitted;
use super::model::{Conversion, Default, Table};
use super::read;
use crate::encoding::Encoding;
use crate::types;

pub(super) fn columns(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let Some(lifetime) = table.generics.lifetimes().next().map(|parameter| &parameter.lifetime) else {
        return TokenStream::new();
    };
    let (private, ident, name) = (&table.private, &table.ident, &table.name);
    let generics = borrowable(table, columns, lifetime);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let reader = columns.iter().map(|column| {
        if !borrows(column) {
            return read::owned_reader(private, column);
        }
        let (ty, encoding) = (row_type(private, column), &column.encoding);
        if column.is_flat() {
            return quote_spanned!(ty.span()=> <#ty as #private::BorrowColumns<#lifetime>>::Readers);
        }
        quote_spanned! {ty.span()=>
            ::core::option::Option<#private::Source<<#ty as #private::BorrowColumn<#lifetime, #encoding>>::Reader>>
        }
    });
    let local: Vec<_> = (0..columns.len()).map(|at| format_ident!("c{at}")).collect();
    let lookup = columns.iter().map(|column| {
        if !borrows(column) {
            return read::lookup(column);
        }
        let (ty, encoding, names) = (row_type(private, column), &column.encoding, read::names(column));
        if let Conversion::Flatten(prefix) = &column.column.conversion {
            return quote_spanned!(ty.span()=> columns.flat_borrowed::<#ty>(#prefix));
        }
        let has_default = !matches!(column.field.default, Default::None);
        quote_spanned!(ty.span()=> columns.borrowed::<#ty, #encoding>(&[#(#names),*], #has_default))
    });
    let deny_unknown = read::deny_unknown(table, columns);
    let mut at = 0;
    let members: Vec<_> = table
        .fields
        .iter()
        .map(|field| {
            let member = &field.ident;
            let value = match columns.iter().find(|column| column.field.ident == field.ident) {
                Some(column) => {
                    let index = Index::from(at);
                    at += 1;
                    if borrows(column) {
                        value(table, column, &index)
                    } else {
                        read::value(table, column, &index, &quote!(readers))
                    }
                }
                None => read::default(field).unwrap_or_else(|| quote!(::core::default::Default::default())),
            };
            quote!(#member: #value)
        })
        .collect();
    let readers = quote!((#(#reader,)*));
    let (hidden, ty, some, opened) = if table.hides_types {
        // Told by their type at run time, because no type that is seen may name them.
        let opened = quote!(#private::opened::<#readers>(readers));
        (None, quote!(#private::HiddenReaders), quote!(#private::hidden), opened)
    } else {
        let hidden = quote!(
            pub struct __Readers<R>(R);
        );
        (Some(hidden), quote!(__Readers<#readers>), quote!(__Readers), quote!(&readers.0))
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::BorrowColumns<#lifetime> for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;

            type Readers = #ty;

            fn readers(columns: &mut #private::Lookup<'_>) -> ::core::option::Option<Self::Readers> {
                let _ = &columns;
                #(let #local = #lookup;)*
                #deny_unknown
                ::core::option::Option::Some(#some((#(#local?,)*)))
            }

            fn borrow_row(
                readers: &#lifetime Self::Readers,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let readers = #opened;
                let _ = (readers, row);
                ::core::result::Result::Ok(Self { #(#members,)* })
            }
        }

        #hidden
    }
}

/// The impl that borrows the struct from a column of structs.
pub(super) fn column(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let Some(lifetime) = table.generics.lifetimes().next().map(|parameter| &parameter.lifetime) else {
        return TokenStream::new();
    };
    let (private, ident) = (&table.private, &table.ident);
    let generics = borrowable(table, columns, lifetime);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let natural = quote!(#private::encoding::Natural);
    // The bounds speak of the struct without lifetimes.
    let of_static = types::replace_lifetimes(quote!(#ident #ty_generics), &mut |_| quote!('static));
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::BorrowColumn<#lifetime, #natural> for #ident #ty_generics #where_clause {
            type Reader = <Self as #private::BorrowColumns<#lifetime>>::Readers;

            fn data_type() -> #private::DataType {
                <#of_static as #private::Column<#natural>>::data_type()
            }

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                let expected = <Self as #private::BorrowColumn<#lifetime, #natural>>::data_type();
                #private::borrow_struct::<Self>(array, &::std::string::ToString::to_string(&expected))
            }

            fn borrow(
                reader: &#lifetime Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                <Self as #private::BorrowColumns<#lifetime>>::borrow_row(reader, row)
            }
        }
    }
}

/// The generics with a bound for each column, that it can be borrowed, and for each field that is filled in.
pub(super) fn borrowable(table: &Table, columns: &[Emitted<'_>], lifetime: &syn::Lifetime) -> syn::Generics {
    let private = &table.private;
    let mut generics = table.generics.clone();
    let parameters: Vec<_> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let clause = generics.make_where_clause();
    for parameter in &parameters {
        clause.predicates.push(parse_quote!(#parameter: 'static));
    }
    // With a lifetime of its own the bound is a condition: a struct with a column that cannot be borrowed is one that
    // cannot be borrowed, and not an error.
    clause.predicates.extend(table.bounds.read.iter().flatten().cloned());
    let given = |column: &Emitted<'_>| {
        table.bounds.read.is_some() && types::is_generic(&column.field.ty, &table.generics)
    };
    for column in columns.iter().filter(|column| !given(column)) {
        let (ty, encoding, owned) = (row_type(private, column), &column.encoding, &column.owned);
        clause.predicates.push(if column.is_flat() && borrows(column) {
            parse_quote!(for<'__readable> #ty: #private::BorrowColumns<#lifetime>)
        } else if column.is_flat() {
            parse_quote!(for<'__readable> #owned: #private::FromColumns)
        } else if borrows(column) {
            parse_quote!(for<'__readable> #ty: #private::BorrowColumn<#lifetime, #encoding>)
        } else {
            parse_quote!(for<'__readable> #owned: #private::FromColumn<#encoding>)
        });
    }
    for field in table.fields.iter().filter(|field| matches!(field.default, Default::Trait)) {
        let ty = &field.ty;
        clause.predicates.push(parse_quote!(for<'__readable> #ty: ::core::default::Default));
    }
    generics
}

/// Whether the field's value borrows from its column.
fn borrows(column: &Emitted<'_>) -> bool {
    matches!(column.column.conversion, Conversion::None | Conversion::Flatten(_))
        && types::borrows(&column.field.ty)
}

/// The type of a column that is borrowed from, with the row's lifetime: the field's own, a reference included.
fn row_type(private: &TokenStream, column: &Emitted<'_>) -> TokenStream {
    column.asked.ty(private, &column.field.ty.to_token_stream())
}

/// The value of a field that borrows from its column, or what stands for it when the column is missing.
fn value(table: &Table, column: &Emitted<'_>, index: &Index) -> TokenStream {
    let private = &table.private;
    let (ty, encoding, name) = (row_type(private, column), &column.encoding, &column.column.name);
    let (at, declared) = (column.field.ty.span(), &column.field.ty);
    let declared = |value| column.asked.field(private, declared, value);
    if let Conversion::Flatten(prefix) = &column.column.conversion {
        return declared(quote_spanned! {at=>
            <#ty as #private::BorrowColumns<'_>>::borrow_row(&readers.#index, row).map_err(#private::after(#prefix))?
        });
    }
    let missing = read::default(column.field).unwrap_or_else(|| {
        declared(quote!(#private::missing_borrowed::<#ty, #encoding>().map_err(#private::inside(#name))?))
    });
    let read = declared(quote!(source.borrow::<#ty, #encoding>(row).map_err(#private::inside(#name))?));
    quote_spanned! {at=>
        match &readers.#index {
            ::core::option::Option::Some(source) => #read,
            ::core::option::Option::None => #missing,
        }
    }
}

/// The definition of the borrowed row type that `view` asks for, and its impls.
pub(super) fn view(table: &Table) -> TokenStream {
    let Some(view) = &table.view else { return TokenStream::new() };
    let mut borrowed = Table {
        ident: view.clone(),
        vis: table.vis.clone(),
        generics: table.generics.clone(),
        private: table.private.clone(),
        name: table.name.clone(),
        metadata: table.metadata.clone(),
        facts: Vec::new(),
        flattened: Vec::new(),
        deny_unknown: table.deny_unknown,
        view: None,
        hidden: false,
        bounds: table.bounds.clone(),
        hides_types: false,
        fields: table.fields.iter().filter(|field| field.column.is_some()).cloned().collect(),
        broken: table.broken,
    };
    borrowed.generics.params.insert(0, parse_quote!('__row));
    let mut used = false;
    for field in &mut borrowed.fields {
        let column = field.column.as_ref();
        let conversion = column.map(|column| &column.conversion);
        let private = &table.private;
        // What a layout or an encoding says of the items has no name outside of the impls.
        let is_natural = column.is_some_and(|column| column.encoding == Encoding::Natural);
        let items = is_natural.then(|| quote!(#private::ListItems));
        if let (Some(Conversion::None), Some(ty)) = (conversion, types::borrowed(&field.ty, items.as_ref())) {
            field.ty = ty;
            used = true;
        }
    }
    let (_, ty_generics, where_clause) = borrowed.generics.split_for_impl();
    let params = &borrowed.generics.params;
    let members = borrowed.fields.iter().map(|field| {
        let (vis, ident, ty) = (&field.vis, &field.ident, &field.ty);
        quote!(#vis #ident: #ty)
    });
    // A lifetime that no field has must be held all the same.
    let unused = (!used).then(|| {
        syn::Error::new(
            view.span(),
            "no field of the struct can be borrowed, so its `view` would be the struct itself",
        )
        .to_compile_error()
    });
    if unused.is_some() {
        return unused.into_token_stream();
    }
    let (vis, ident) = (&borrowed.vis, &borrowed.ident);
    let doc = format!("A borrowed row of the table `{}`.", borrowed.name);
    let impls = super::emit::table(&borrowed);
    let _ = ty_generics;
    quote! {
        #[doc = #doc]
        #[allow(missing_docs, missing_debug_implementations, dead_code)]
        #vis struct #ident <#params> #where_clause {
            #(#members,)*
        }

        #impls
    }
}
