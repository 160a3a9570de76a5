//! Encodings as the markers of `flexconnect_core::column::encoding`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::{Encoding, Unit};

impl Encoding {
    /// The marker as a type; `zone` is the name of the type emitted for a time zone.
    pub(crate) fn tokens(&self, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
        let encoding = quote!(#private::encoding);
        let unit = |unit: &Unit| {
            let unit = format_ident!("{unit:?}");
            quote!(#encoding::#unit)
        };
        match self {
            Encoding::Natural => quote!(#encoding::Natural),
            Encoding::Named(name) => {
                let name = format_ident!("{name}");
                quote!(#encoding::#name)
            }
            Encoding::FixedSizeBinary(length) => quote!(#encoding::FixedSizeBinary<#length>),
            Encoding::Decimal(width, precision, scale) => {
                let name = match width {
                    Some(width) => format_ident!("Decimal{width}"),
                    None => format_ident!("Decimal"),
                };
                quote!(#encoding::#name<#precision, #scale>)
            }
            Encoding::Rounded(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::Rounded<#inner>)
            }
            Encoding::Truncated(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::Truncated<#inner>)
            }
            Encoding::WithOffset(ticks) => {
                let ticks = unit(ticks);
                quote!(#encoding::WithOffset<#ticks>)
            }
            Encoding::Tensor(sizes) => {
                let (sizes, shape) = (sizes_of(sizes), format_ident!("{zone}Shape"));
                quote!(#encoding::Tensor<{ 1 #(* (#sizes))* }, #shape>)
            }
            Encoding::In(ticks) => {
                let ticks = unit(ticks);
                quote!(#encoding::In<#ticks>)
            }
            Encoding::Zoned(ticks, _) => {
                let ticks = unit(ticks);
                quote!(#encoding::Zoned<#ticks, #zone>)
            }
            Encoding::Timestamp(ticks, Some(_)) => {
                let ticks = unit(ticks);
                quote!(#encoding::Timestamp<#ticks, #zone>)
            }
            Encoding::Timestamp(ticks, None) => {
                let ticks = unit(ticks);
                quote!(#encoding::Timestamp<#ticks, #encoding::NoZone>)
            }
            Encoding::Dictionary(key) => {
                let key = format_ident!("{key}Type");
                quote!(#encoding::Dictionary<#private::types::#key>)
            }
            Encoding::Lists(layout, item, inner) => {
                let (layout, inner) = (format_ident!("{layout}"), inner.tokens(private, zone));
                let item = item_name(item.as_deref(), private, zone);
                quote!(#encoding::Lists<#encoding::#layout, #item, #inner>)
            }
            Encoding::FixedList(count, item, inner) => {
                let (item, inner) = (item_name(item.as_deref(), private, zone), inner.tokens(private, zone));
                quote!(#encoding::FixedSizeList<#count, #item, #inner>)
            }
            Encoding::Items(item, inner) => {
                let (item, inner) = (item_name(Some(item), private, zone), inner.tokens(private, zone));
                quote!(#encoding::Items<#item, #inner>)
            }
            Encoding::Pairs(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::Pairs<#inner>)
            }
            Encoding::KeysSorted(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::KeysSorted<#inner>)
            }
            Encoding::Names(_) => {
                let names = format_ident!("{zone}Names");
                quote!(#encoding::Names<#names>)
            }
            Encoding::Counted(name, ticks) => {
                let (name, ticks) = (format_ident!("{name}"), unit(ticks));
                quote!(#encoding::#name<#ticks>)
            }
        }
    }

    /// The types emitted for a time zone and for names, where there are any.
    pub(crate) fn zone_item(&self, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
        match self {
            Encoding::Lists(_, item, inner) | Encoding::FixedList(_, item, inner) => {
                named_item(item.as_deref(), inner, private, zone)
            }
            Encoding::Items(item, inner) => named_item(Some(item), inner, private, zone),
            Encoding::Tensor(sizes) => {
                let (sizes, shape) = (sizes_of(sizes), format_ident!("{zone}Shape"));
                quote! {
                    pub struct #shape;

                    #[automatically_derived]
                    impl #private::encoding::Shape for #shape {
                        const SIZES: &'static [usize] = &[#(#sizes),*];
                    }
                }
            }
            Encoding::Truncated(inner) | Encoding::Rounded(inner) => inner.zone_item(private, zone),
            Encoding::Pairs(inner) | Encoding::KeysSorted(inner) => inner.zone_item(private, zone),
            Encoding::Names(names) => {
                let name = format_ident!("{zone}Names");
                quote! {
                    pub struct #name;

                    #[automatically_derived]
                    impl #private::PartNames for #name {
                        const NAMES: &'static [&'static str] = &[#(#names),*];
                    }
                }
            }
            Encoding::Zoned(_, name) | Encoding::Timestamp(_, Some(name)) => quote! {
                pub struct #zone;

                #[automatically_derived]
                impl #private::encoding::Zone for #zone {
                    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
                }
            },
            _ => TokenStream::new(),
        }
    }
}

/// The type emitted for the name of a list's items, and those of the items' encoding.
fn named_item(item: Option<&str>, inner: &Encoding, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
    let inner = inner.zone_item(private, zone);
    let Some(item) = item else { return inner };
    let name = format_ident!("{zone}Item");
    quote! {
        #inner

        pub struct #name;

        #[automatically_derived]
        impl #private::encoding::NamedItem for #name {
            const NAME: &'static str = #item;
        }
    }
}

/// The sizes as expressions; they were tokens when they were read.
fn sizes_of(sizes: &[String]) -> Vec<TokenStream> {
    sizes.iter().map(|size| size.parse().unwrap_or_default()).collect()
}

fn item_name(item: Option<&str>, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
    match item {
        Some(_) => format_ident!("{zone}Item").into_token_stream(),
        None => quote!(#private::encoding::ItemName),
    }
}
