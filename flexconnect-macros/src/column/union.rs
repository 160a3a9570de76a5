//! An enum with data as a union: which variant each row is, and a column for the data of each.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Index, WhereClause, parse_quote};

use super::model::{Column, DataVariant};
use super::parts::{Part, parts};

pub(super) fn column(
    column: &Column,
    variants: &[DataVariant],
    sparse: bool,
    ids: &[i8],
    null: Option<usize>,
) -> TokenStream {
    let parts = parts(column, variants);
    let items = parts.iter().map(Part::items);
    let (holder, write) = (holder(column, &parts, sparse, ids, null), write(column, &parts, null));
    let read =
        if column.generics.params.is_empty() { owned(column, &parts) } else { borrowed(column, &parts) };
    quote! {
        #(#items)*
        #holder
        #write
        #read
    }
}

/// The conditions under which all parts are columns. Each has a lifetime of its own, so that one that does not hold is no
/// error but its own.
fn conditions(parts: &[Part<'_>]) -> WhereClause {
    let mut clause: WhereClause = parse_quote!(where);
    clause.predicates.extend(parts.iter().flat_map(Part::conditions));
    clause
}

/// The type that holds the parts.
fn holder(column: &Column, parts: &[Part<'_>], sparse: bool, ids: &[i8], null: Option<usize>) -> TokenStream {
    let private = &column.private;
    let conditions = conditions(parts);
    let member: Vec<_> = parts.iter().map(|part| format_ident!("v{}", part.at)).collect();
    let buffers = parts.iter().map(|part| {
        let of = part.of(quote!(Column));
        quote!(#of::Buffer)
    });
    let names = parts.iter().map(|part| {
        let names = part.names();
        quote!(&[#(#names),*])
    });
    let null = match null {
        Some(at) => quote!(::core::option::Option::Some(#at)),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        pub struct __Parts #conditions {
            #(#member: #private::Room<#buffers>,)*
        }

        #[automatically_derived]
        impl #private::UnionParts for __Parts #conditions {
            const IDS: &'static [i8] = &[#(#ids),*];
            const NAMES: &'static [&'static [&'static str]] = &[#(#names),*];
            const SPARSE: bool = #sparse;
            const NULL: ::core::option::Option<usize> = #null;

            fn new() -> Self {
                __Parts { #(#member: #private::Room::new(0),)* }
            }

            fn each(&self, see: &mut dyn FnMut(&dyn #private::UnionPart)) {
                #(see(&self.#member);)*
            }

            fn each_mut(&mut self, see: &mut dyn FnMut(&mut dyn #private::UnionPart)) {
                #(see(&mut self.#member);)*
            }
        }
    }
}

fn write(column: &Column, parts: &[Part<'_>], null: Option<usize>) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let (impl_generics, ty_generics, _) = column.generics.split_for_impl();
    let (conditions, has_null) = (conditions(parts), null.is_some());
    let fields = parts.iter().map(|part| {
        let (name, owned, encoding) = (part.name(), part.owned(), part.encoding());
        quote!(#private::field::<#owned, #encoding>(#name))
    });
    let may_seem_null = parts.iter().map(|part| {
        let of = part.of(quote!(Column));
        quote!(#of::MAY_SEEM_NULL)
    });
    let may_seem_null = quote!(#(#may_seem_null)||*);
    let arms = parts.iter().map(|part| {
        let (at, pattern, member) = (part.at, part.pattern(), format_ident!("v{}", part.at));
        let append = part.append(&quote!(parts.#member.slot()));
        quote! {
            #pattern => union.push(#at, |parts| {
                let place = #private::UnionPart::len(&parts.#member);
                #append
                place
            })
        }
    });
    let natural = quote!(#private::encoding::Natural);
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Column<#natural> for #ident #ty_generics #conditions {
            type Buffer = #private::Own<#private::UnionBuffer<__Parts>>;

            const MAY_SEEM_NULL: bool = #may_seem_null;

            const HAS_NULL: bool = #has_null;

            fn data_type() -> #private::DataType {
                #private::UnionBuffer::<__Parts>::data_type([#(#fields),*])
            }

            #[inline]
            #[allow(unused_variables)]
            fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                let union = slot.get_mut();
                match self {
                    #(#arms,)*
                }
            }
        }

        #[automatically_derived]
        impl #impl_generics #private::Item<#natural> for #ident #ty_generics #conditions {}
    }
}

/// The impl for an enum that owns what it holds.
fn owned(column: &Column, parts: &[Part<'_>]) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let mut conditions = self::conditions(parts);
    for part in parts.iter().filter(|part| !part.is_nothing()) {
        let (owned, encoding) = (part.owned(), part.encoding());
        conditions.predicates.push(parse_quote!(for<'__readable> #owned: #private::FromColumn<#encoding>));
    }
    let readers: Vec<_> = parts
        .iter()
        .map(|part| {
            let of = part.of(quote!(FromColumn));
            quote!(::core::option::Option<#private::Source<#of::Reader>>)
        })
        .collect();
    let open = parts.iter().map(|part| {
        let (at, owned, encoding) = (part.at, part.owned(), part.encoding());
        quote!(rows.part::<#owned, #encoding>(#at))
    });
    let reader = reader(column, parts, open, &quote!(__Readers));
    let arms = arms(column, parts, |part, source| {
        let (owned, encoding) = (part.owned(), part.encoding());
        quote!(#source.get::<#owned, #encoding>(place))
    });
    let (as_column, natural) = (
        quote!(<Self as #private::Column<#private::encoding::Natural>>),
        quote!(#private::encoding::Natural),
    );
    quote! {
        pub struct __Readers(#private::UnionRows, (#(#readers,)*)) #conditions;

        #[automatically_derived]
        impl #private::FromColumn<#natural> for #ident #conditions {
            type Reader = __Readers;

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                let expected = #as_column::data_type();
                #reader
            }

            fn read(
                reader: &Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let (rows, parts) = (&reader.0, &reader.1);
                #arms
            }

            fn nulls(array: &#private::ArrayRef) -> ::core::option::Option<#private::NullBuffer> {
                #private::UnionRows::nulls::<__Parts>(array)
            }
        }
    }
}

/// The impl for an enum with a lifetime, which is its own view.
fn borrowed(column: &Column, parts: &[Part<'_>]) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let Some(lifetime) = column.generics.lifetimes().next().map(|parameter| &parameter.lifetime) else {
        return TokenStream::new();
    };
    let (impl_generics, ty_generics, _) = column.generics.split_for_impl();
    let mut conditions = self::conditions(parts);
    for part in parts.iter().filter(|part| !part.is_nothing()) {
        let (ty, owned, encoding) = (part.ty(), part.owned(), part.encoding());
        conditions.predicates.push(if part.borrows() {
            parse_quote!(for<'__readable> #ty: #private::BorrowColumn<#lifetime, #encoding>)
        } else {
            parse_quote!(for<'__readable> #owned: #private::FromColumn<#encoding>)
        });
    }
    let readers = parts.iter().map(|part| {
        let (ty, owned, encoding) = (part.ty(), part.owned(), part.encoding());
        let of = if part.borrows() {
            quote!(<#ty as #private::BorrowColumn<#lifetime, #encoding>>)
        } else {
            quote!(<#owned as #private::FromColumn<#encoding>>)
        };
        quote!(::core::option::Option<#private::Source<#of::Reader>>)
    });
    let readers = quote!((#private::UnionRows, (#(#readers,)*)));
    let open = parts.iter().map(|part| {
        let (at, ty, owned, encoding) = (part.at, part.ty(), part.owned(), part.encoding());
        if part.borrows() {
            quote!(rows.part_borrowed::<#ty, #encoding>(#at))
        } else {
            quote!(rows.part::<#owned, #encoding>(#at))
        }
    });
    // The readers are part of the interface, where the compiler wants no private types.
    let reader = reader(column, parts, open, &quote!(__hidden));
    let arms = arms(column, parts, |part, source| {
        let (ty, owned, encoding) = (part.ty(), part.owned(), part.encoding());
        if part.borrows() {
            quote!(#source.borrow::<#ty, #encoding>(place))
        } else {
            quote!(#source.get::<#owned, #encoding>(place))
        }
    });
    let natural = quote!(#private::encoding::Natural);
    let of_static = crate::types::replace_lifetimes(quote!(#ident #ty_generics), &mut |_| quote!('static));
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::BorrowColumn<#lifetime, #natural> for #ident #ty_generics #conditions {
            type Reader = #private::HiddenReaders;

            const MAY_SEEM_NULL: bool = <#of_static as #private::Column<#natural>>::MAY_SEEM_NULL;

            fn data_type() -> #private::DataType {
                <#of_static as #private::Column<#natural>>::data_type()
            }

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                let expected = <Self as #private::BorrowColumn<#lifetime, #natural>>::data_type();
                let __hidden = |rows, parts| {
                    let readers: #readers = (rows, parts);
                    #private::hidden(readers)
                };
                #reader
            }

            fn borrow(
                reader: &#lifetime Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let (rows, parts) = #private::opened::<#readers>(reader);
                #arms
            }

            fn nulls(array: &#private::ArrayRef) -> ::core::option::Option<#private::NullBuffer> {
                #private::UnionRows::nulls::<__Parts>(array)
            }
        }
    }
}

/// The statements that check the parts of a union and hand them to what makes a reader of them.
fn reader(
    column: &Column,
    parts: &[Part<'_>],
    open: impl Iterator<Item = TokenStream>,
    made: &TokenStream,
) -> TokenStream {
    let private = &column.private;
    let local: Vec<_> = parts.iter().map(|part| format_ident!("v{}", part.at)).collect();
    let open = parts.iter().zip(open).map(|(part, open)| {
        let name = part.name();
        if part.is_nothing() {
            return quote!(::core::option::Option::Some(::core::option::Option::None));
        }
        quote! {
            #open.map_err(|found| mismatches.extend(#private::Mismatch::inside(#name, found))).ok()
        }
    });
    let some = local.iter().map(|local| quote!(::core::option::Option::Some(#local)));
    quote! {
        let rows = #private::UnionRows::new::<__Parts>(array, &expected)?;
        let mut mismatches = ::std::vec::Vec::new();
        let _ = &mut mismatches;
        match (#(#open,)*) {
            (#(#some,)*) => ::core::result::Result::Ok(#made(rows, (#(#local,)*))),
            _ => ::core::result::Result::Err(mismatches),
        }
    }
}

/// The statements that read a row, whose parts are in `parts`.
fn arms(
    column: &Column,
    parts: &[Part<'_>],
    get: impl Fn(&Part<'_>, &TokenStream) -> TokenStream,
) -> TokenStream {
    let private = &column.private;
    let arms = parts.iter().map(|part| {
        let (at, name) = (part.at, part.name());
        let index = Index::from(at).to_token_stream();
        if part.is_nothing() {
            let made = part.pattern();
            return quote!(#at => ::core::result::Result::Ok(#made));
        }
        let get = get(part, &quote!(source));
        let made = part.made_of(&quote!(value));
        quote! {
            #at => match &parts.#index {
                ::core::option::Option::Some(source) => {
                    let value = #get.map_err(#private::inside(#name))?;
                    ::core::result::Result::Ok(#made)
                }
                ::core::option::Option::None => ::core::result::Result::Err(#private::no_data(row, #name)),
            }
        }
    });
    quote! {
        let (variant, place) = rows.locate(row)?;
        let _ = (place, parts);
        match variant {
            #(#arms,)*
            _ => ::core::result::Result::Err(#private::no_variant(row, &variant)),
        }
    }
}
