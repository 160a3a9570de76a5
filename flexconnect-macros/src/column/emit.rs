//! The impls of a column type.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Member, Type, parse_quote};

use super::model::{Column, DataLayout, Layout, Shape, TEXTS, Variant};
use crate::asked::Asked;
use crate::encoding::Encoding;
use crate::place::located;

pub(super) fn column(column: &Column) -> TokenStream {
    let impls = match &column.shape {
        Shape::Enum(variants, Layout::Repr(integer)) => repr(column, variants, integer),
        Shape::Enum(variants, layout) => fieldless(&column.private, &column.ident, variants, layout),
        Shape::Data(variants, DataLayout::Tagged(tag)) => super::tagged::column(column, variants, tag),
        Shape::Data(variants, DataLayout::Union { sparse, ids, null }) => {
            super::union::column(column, variants, *sparse, ids, *null)
        }
        Shape::Newtype { member, ty, encoding } => newtype(column, member, ty, encoding),
        Shape::Broken => fallback(column),
    };
    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, missing_docs, private_bounds, unreachable_pub)]
        const _: () = {
            #impls
        };
    }
}

/// The discriminant as an integer.
fn repr(column: &Column, variants: &[Variant], integer: &Ident) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let variant: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let natural = quote!(#private::encoding::Natural);
    let as_column = quote!(<#integer as #private::Column<#natural>>);
    let as_from = quote!(<#integer as #private::FromColumn<#natural>>);
    quote! {
        #[automatically_derived]
        impl #private::Column<#natural> for #ident {
            type Buffer = #as_column::Buffer;

            fn data_type() -> #private::DataType {
                #as_column::data_type()
            }

            #[inline(always)]
            fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                let discriminant = match self {
                    #(Self::#variant => Self::#variant as #integer,)*
                };
                #as_column::append_to(&discriminant, slot)
            }
        }

        #[automatically_derived]
        impl #private::Item<#natural> for #ident {}

        #[automatically_derived]
        impl #private::FromColumn<#natural> for #ident {
            type Reader = #as_from::Reader;

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                #as_from::reader(array)
            }

            fn read(
                reader: &Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let discriminant: #integer = #as_from::read(reader, row)?;
                #(if discriminant == Self::#variant as #integer {
                    return ::core::result::Result::Ok(Self::#variant);
                })*
                ::core::result::Result::Err(#private::no_variant(row, &discriminant))
            }
        }
    }
}

/// An enum without data as a dictionary, or as text.
pub(super) fn fieldless(
    private: &TokenStream,
    ident: &Ident,
    variants: &[Variant],
    layout: &Layout,
) -> TokenStream {
    let variant: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let name = variants.iter().map(|variant| &variant.name);
    let aliases = variants
        .iter()
        .enumerate()
        .flat_map(|(at, variant)| variant.aliases.iter().map(move |alias| quote!((#alias, #at))));
    let place: Vec<_> = (0..variants.len()).collect();
    let key = if variants.len() <= 128 { quote!(Int8Type) } else { quote!(Int16Type) };
    let dictionary = EnumColumn {
        buffer: quote!(#private::Own<#private::EnumBuffer<#private::#key, #ident>>),
        data_type: quote!(#private::EnumBuffer::<#private::#key, #ident>::data_type()),
        append: quote!(slot.get_mut().push(self)),
    };
    let natural = match layout {
        Layout::Text(text) => EnumColumn::text(private, ident, text),
        _ => dictionary,
    };
    let natural = natural.impls(private, ident, "Natural");
    let texts = TEXTS.iter().map(|text| EnumColumn::text(private, ident, text).impls(private, ident, text));
    quote! {
        #[automatically_derived]
        impl #private::Variants for #ident {
            const NAMES: &'static [&'static str] = &[#(#name),*];
            const ALIASES: &'static [(&'static str, usize)] = &[#(#aliases),*];

            #[inline]
            fn index(&self) -> usize {
                match self {
                    #(Self::#variant => #place,)*
                }
            }

            #[inline]
            fn from_index(index: usize) -> ::core::option::Option<Self> {
                match index {
                    #(#place => ::core::option::Option::Some(Self::#variant),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn names() -> #private::ArrayRef {
                static NAMES: #private::LazyLock<#private::ArrayRef> =
                    #private::LazyLock::new(|| #private::names(<#ident as #private::Variants>::NAMES));
                ::core::clone::Clone::clone(&*NAMES)
            }
        }

        #[automatically_derived]
        impl<__E> #private::Item<__E> for #ident where for<'__column> #ident: #private::Column<__E> {}

        #natural
        #(#texts)*
    }
}

/// How an enum is written in one encoding.
struct EnumColumn {
    buffer: TokenStream,
    data_type: TokenStream,
    append: TokenStream,
}

impl EnumColumn {
    fn text(private: &TokenStream, ident: &Ident, text: &str) -> Self {
        let text = format_ident!("{text}");
        let as_text = quote!(<str as #private::Column<#private::encoding::#text>>);
        let name = quote!(<#ident as #private::Variants>::NAMES[<#ident as #private::Variants>::index(self)]);
        EnumColumn {
            buffer: quote!(#as_text::Buffer),
            data_type: quote!(#as_text::data_type()),
            append: quote!(#as_text::append_to(#name, slot)),
        }
    }

    fn impls(&self, private: &TokenStream, ident: &Ident, encoding: &str) -> TokenStream {
        let EnumColumn { buffer, data_type, append } = self;
        let encoding = format_ident!("{encoding}");
        quote! {
            #[automatically_derived]
            impl #private::Column<#private::encoding::#encoding> for #ident {
                type Buffer = #buffer;

                fn data_type() -> #private::DataType {
                    #data_type
                }

                #[inline]
                fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                    #append
                }
            }

            #[automatically_derived]
            impl #private::FromColumn<#private::encoding::#encoding> for #ident {
                type Reader = #private::EnumReader;

                fn reader(
                    array: &#private::ArrayRef,
                ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                    #private::EnumReader::new::<Self>(array)
                }

                fn read(
                    reader: &Self::Reader,
                    row: usize,
                ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                    reader.get::<Self>(row)
                }
            }
        }
    }
}

/// A newtype has the columns of what it holds, in every encoding, unless its field chooses one.
fn newtype(column: &Column, member: &Member, ty: &Type, encoding: &Encoding) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let zone = format_ident!("__Zone");
    let zone_item = encoding.zone_item(private, &zone);
    let (_, ty_generics, _) = column.generics.split_for_impl();
    let mut generics = column.generics.clone();
    let (outer, inner) = match encoding {
        Encoding::Natural => {
            generics.params.push(parse_quote!(__E));
            (quote!(__E), quote!(__E))
        }
        chosen => (quote!(#private::encoding::Natural), chosen.tokens(private, &zone)),
    };
    // What is no column in the chosen encoding is told here, once.
    let is_generic = crate::types::is_generic(ty, &column.generics) || matches!(encoding, Encoding::Natural);
    let asked = if is_generic { Asked::not() } else { Asked::by(format_ident!("__Is")) };
    let (at, declared) = (ty.span(), crate::types::owned(ty));
    let question = asked.item(private, &declared, Some(&inner), at);
    let assert = (!is_generic).then(|| {
        let private = located(private, at);
        quote_spanned!(at=> const _: () = #private::assert_column::<#declared, #inner>();)
    });
    let (append, read) =
        (asked.column(private, ty, quote!(&self.#member)), asked.field(private, ty, quote!(value)));
    let ty = asked.ty(private, &ty.to_token_stream());
    let mut writable = generics.clone();
    let mut readable = generics;
    readable
        .make_where_clause()
        .predicates
        .push(parse_quote!(for<'__readable> #ty: #private::FromColumn<#inner>));
    // With a lifetime of its own the bound is a condition even where it names no parameter.
    let condition: syn::WherePredicate = parse_quote!(for<'__column> #ty: #private::Column<#inner>);
    writable.make_where_clause().predicates.push(condition.clone());
    readable.make_where_clause().predicates.push(condition);
    let (impl_generics, _, where_clause) = writable.split_for_impl();
    let (read_generics, _, read_where) = readable.split_for_impl();
    let as_column = quote_spanned!(at=> <#ty as #private::Column<#inner>>);
    let as_from = quote_spanned!(at=> <#ty as #private::FromColumn<#inner>>);
    quote! {
        #zone_item
        #question
        #assert

        #[automatically_derived]
        impl #impl_generics #private::Column<#outer> for #ident #ty_generics #where_clause {
            type Buffer = #as_column::Buffer;

            const NULLABLE: bool = #as_column::NULLABLE;

            const MAY_SEEM_NULL: bool = #as_column::MAY_SEEM_NULL;

            const HAS_NULL: bool = #as_column::HAS_NULL;

            const REFUSED: ::core::option::Option<&'static str> = #as_column::REFUSED;

            fn data_type() -> #private::DataType {
                #as_column::data_type()
            }

            fn metadata() -> ::std::vec::Vec<(&'static str, ::std::string::String)> {
                #as_column::metadata()
            }

            #[inline]
            fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                #as_column::append_to(#append, slot)
            }
        }

        #[automatically_derived]
        impl #impl_generics #private::Item<#outer> for #ident #ty_generics #where_clause {}

        #[automatically_derived]
        impl #read_generics #private::FromColumn<#outer> for #ident #ty_generics #read_where {
            type Reader = #as_from::Reader;

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                #as_from::reader(array)
            }

            #[inline]
            fn read(
                reader: &Self::Reader,
                row: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                ::core::result::Result::map(#as_from::read(reader, row), |value| Self(#read))
            }

            fn missing() -> ::core::option::Option<Self> {
                ::core::option::Option::map(#as_from::missing(), |value| Self(#read))
            }

            fn nulls(array: &#private::ArrayRef) -> ::core::option::Option<#private::NullBuffer> {
                #as_from::nulls(array)
            }
        }
    }
}

/// For a type with mistakes: a column as far as the compiler is concerned.
fn fallback(column: &Column) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let (impl_generics, ty_generics, where_clause) = column.generics.split_for_impl();
    let buffer = quote!(<bool as #private::Column<#private::encoding::Natural>>);
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Column<#private::encoding::Natural> for #ident #ty_generics #where_clause {
            type Buffer = #buffer::Buffer;

            fn data_type() -> #private::DataType {
                #buffer::data_type()
            }

            fn append_to(&self, _: #private::Slot<'_, Self::Buffer>) {}
        }

        #[automatically_derived]
        impl #impl_generics #private::Item<#private::encoding::Natural> for #ident #ty_generics #where_clause {}

        #[automatically_derived]
        impl #impl_generics #private::FromColumn<#private::encoding::Natural> for #ident #ty_generics #where_clause {
            type Reader = ();

            fn reader(_: &#private::ArrayRef) -> ::core::result::Result<(), ::std::vec::Vec<#private::Mismatch>> {
                ::core::result::Result::Ok(())
            }

            fn read(_: &(), row: usize) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                ::core::result::Result::Err(::std::boxed::Box::new(#private::Fault::new(row, "")))
            }
        }
    }
}
