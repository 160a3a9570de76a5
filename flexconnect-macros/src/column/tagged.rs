//! An enum with data as a struct: which variant it is, and one nullable column for the data of each.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Type, parse_quote};

use super::emit;
use super::model::{Column, DataVariant, Layout, Variant};
use super::parts::{self, Part, parts};
use crate::encoding::Encoding;
use crate::table::emit as rows;
use crate::table::model::{Column as TableColumn, Conversion, Default, Field};
use crate::table::read;

pub(super) fn column(column: &Column, variants: &[DataVariant], tag: &str) -> TokenStream {
    let parts = parts(column, variants);
    let items = parts.iter().map(Part::items);
    let names: Vec<Variant> = variants.iter().map(|variant| variant.variant.clone()).collect();
    let kinds = emit::fieldless(&column.private, &kind(), &names, &Layout::Dictionary);
    let variant = names.iter().map(|variant| &variant.ident);
    let kind = kind();
    let (write, read) = (write(column, &parts, variants, tag), read(column, &parts, variants, tag));
    quote! {
        #(#items)*

        pub enum #kind {
            #(#variant,)*
        }

        #kinds
        #write
        #read
    }
}

fn kind() -> Ident {
    format_ident!("__Kind")
}

/// A column for the tag, and one for each variant that holds something.
fn fields(
    parts: &[Part<'_>],
    variants: &[DataVariant],
    tag: &str,
    of: impl Fn(&Part<'_>) -> Type,
) -> Vec<Field> {
    let field = |ident: Ident, name: &str, ty: Type, encoding: Encoding, optional: bool| Field {
        column: Some(TableColumn {
            name: name.to_owned(),
            name_span: Span::call_site(),
            aliases: Vec::new(),
            encoding,
            conversion: Conversion::None,
            nullable: optional,
            optional,
            facts: Vec::new(),
            metadata: Vec::new(),
        }),
        ident,
        vis: syn::Visibility::Inherited,
        ty,
        default: Default::None,
        broken: false,
    };
    let tag = field(format_ident!("tag"), tag, parse_quote!(__Kind), Encoding::Natural, false);
    let data = parts.iter().zip(variants).filter(|(part, _)| !part.is_nothing()).map(|(part, variant)| {
        let encoding = match &variant.data {
            super::model::Data::One(_, encoding) => encoding.clone(),
            _ => Encoding::Natural,
        };
        field(format_ident!("v{}", part.at), part.name(), of(part), encoding, true)
    });
    std::iter::once(tag).chain(data).collect()
}

fn write(column: &Column, parts: &[Part<'_>], variants: &[DataVariant], tag: &str) -> TokenStream {
    let (private, ident, kind) = (&column.private, &column.ident, kind());
    let fields = fields(parts, variants, tag, |part| {
        let owned = part.owned();
        parse_quote!(#owned)
    });
    let hidden = parts::table(column, &format_ident!("__Written"), syn::Generics::default(), fields);
    let (impl_generics, ty_generics, _) = column.generics.split_for_impl();
    let natural = quote!(#private::encoding::Natural);
    rows::block(&hidden, |columns| {
        let slots: Vec<Ident> = columns.iter().map(|column| column.slot.clone()).collect();
        let (split, tag_slot) = (rows::split(&slots), &slots[0]);
        let held: Vec<&Part<'_>> = parts.iter().filter(|part| !part.is_nothing()).collect();
        let arms = parts.iter().zip(variants).map(|(part, variant)| {
            let (pattern, variant) = (part.pattern(), &variant.variant.ident);
            let data = held.iter().zip(&slots[1..]).map(|(other, slot)| {
                if other.at == part.at { part.append(&quote!(#slot.some())) } else { quote!(#slot.none();) }
            });
            quote! {
                #pattern => {
                    #private::Column::<#natural>::append_to(&#kind::#variant, #tag_slot);
                    #(#data)*
                }
            }
        });
        let (buffers, conditions) =
            (rows::buffers(&hidden, columns), parts.iter().flat_map(Part::conditions));
        let conditions: Vec<_> = conditions.collect();
        quote! {
            #buffers

            #[automatically_derived]
            impl #impl_generics #private::Column<#natural> for #ident #ty_generics where #(#conditions),* {
                type Buffer = #private::Own<#private::NestedRows<__Rows>>;

                fn data_type() -> #private::DataType {
                    let schema = <__Rows as #private::TableRows>::schema();
                    #private::DataType::Struct(::core::clone::Clone::clone(schema.fields()))
                }

                #[inline]
                #[allow(unused_variables)]
                fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                    let slot = slot.get_mut().rows().0.row();
                    #split
                    match self {
                        #(#arms)*
                    }
                }
            }

            #[automatically_derived]
            impl #impl_generics #private::Item<#natural> for #ident #ty_generics where #(#conditions),* {}
        }
    })
}

fn read(column: &Column, parts: &[Part<'_>], variants: &[DataVariant], tag: &str) -> TokenStream {
    let (private, ident, kind) = (&column.private, &column.ident, kind());
    let mut fields = fields(parts, variants, tag, |part| {
        let ty = part.ty();
        parse_quote!(::core::option::Option<#ty>)
    });
    for field in &mut fields {
        field.column.iter_mut().for_each(|column| column.optional = false);
    }
    let members: Vec<TokenStream> = fields
        .iter()
        .map(|field| {
            let (ident, ty) = (&field.ident, &field.ty);
            quote!(#ident: #ty)
        })
        .collect();
    let borrows = parts.iter().any(Part::borrows);
    let generics = if borrows { column.generics.clone() } else { syn::Generics::default() };
    let hidden = parts::table(column, &format_ident!("__Read"), generics, fields);
    let (impl_generics, ty_generics, _) = hidden.generics.split_for_impl();
    let arms = parts.iter().zip(variants).map(|(part, variant)| {
        let (variant, name, member) = (&variant.variant.ident, part.name(), format_ident!("v{}", part.at));
        if part.is_nothing() {
            let made = part.pattern();
            return quote!(#kind::#variant => ::core::result::Result::Ok(#made));
        }
        let made = part.made_of(&quote!(data));
        quote! {
            #kind::#variant => match row.#member {
                ::core::option::Option::Some(data) => ::core::result::Result::Ok(#made),
                ::core::option::Option::None => ::core::result::Result::Err(#private::no_data(at, #name)),
            }
        }
    });
    let arms: Vec<_> = arms.collect();
    let natural = quote!(#private::encoding::Natural);
    let as_column = quote!(<Self as #private::Column<#natural>>);
    let impls = rows::block(&hidden, |columns| {
        let readers = read::columns(&hidden, columns);
        let conditions = if borrows {
            read::conditions_to_borrow(&hidden, columns)
        } else {
            read::conditions(&hidden, columns)
        };
        let conditions = conditions.into_iter().flat_map(|clause| clause.predicates);
        // What can be read is a column too, and so must say all that makes it one.
        let predicates: Vec<_> = parts.iter().flat_map(Part::conditions).chain(conditions).collect();
        let (enum_generics, enum_ty, _) = column.generics.split_for_impl();
        let body = |take: TokenStream| {
            quote! {
                let row = #take?;
                match row.tag {
                    #(#arms,)*
                }
            }
        };
        let impls = match column.generics.lifetimes().next().map(|parameter| &parameter.lifetime) {
            None => {
                let body = body(quote!(<__Read as #private::FromColumns>::read_row(reader, at)));
                quote! {
                    #[automatically_derived]
                    impl #private::FromColumn<#natural> for #ident where #(#predicates),* {
                        type Reader = <__Read as #private::FromColumns>::Readers;

                        fn reader(
                            array: &#private::ArrayRef,
                        ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                            #private::read_struct::<__Read>(array, &#as_column::data_type())
                        }

                        fn read(
                            reader: &Self::Reader,
                            at: usize,
                        ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                            #body
                        }
                    }
                }
            }
            Some(lifetime) if borrows => {
                let body = body(
                    quote!(<__Read #ty_generics as #private::BorrowColumns<#lifetime>>::borrow_row(reader, at)),
                );
                let of_static =
                    crate::types::replace_lifetimes(quote!(#ident #enum_ty), &mut |_| quote!('static));
                quote! {
                    #[automatically_derived]
                    impl #enum_generics #private::BorrowColumn<#lifetime, #natural> for #ident #enum_ty where #(#predicates),* {
                        type Reader = <__Read #ty_generics as #private::BorrowColumns<#lifetime>>::Readers;

                        fn data_type() -> #private::DataType {
                            <#of_static as #private::Column<#natural>>::data_type()
                        }

                        fn reader(
                            array: &#private::ArrayRef,
                        ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                            let expected = <#of_static as #private::Column<#natural>>::data_type();
                            #private::borrow_struct::<__Read #ty_generics>(array, &::std::string::ToString::to_string(&expected))
                        }

                        fn borrow(
                            reader: &#lifetime Self::Reader,
                            at: usize,
                        ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                            #body
                        }
                    }
                }
            }
            // A lifetime that no variant has is for the compiler to refuse.
            Some(_) => TokenStream::new(),
        };
        quote!(#readers #impls)
    });
    quote! {
        pub struct __Read #impl_generics {
            #(#members,)*
        }

        #impls
    }
}
