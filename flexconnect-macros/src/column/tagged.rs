//! An enum with data: two hidden tables, one that borrows a value to write it and one that owns what is read.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type, Visibility, parse_quote};

use super::emit;
use super::model::{Column, Data, Layout, Tagged};
use crate::encoding::Encoding;
use crate::table::model as table;

pub(super) fn column(column: &Column, tagged: &Tagged) -> TokenStream {
    let (private, ident) = (&column.private, &column.ident);
    let kind: Ident = format_ident!("__Kind");
    let variant: Vec<_> = tagged.variants.iter().map(|variant| &variant.ident).collect();
    let kinds = emit::fieldless(private, &kind, &tagged.variants, &Layout::Dictionary);
    let written = hidden(column, tagged, "__Written", true);
    let read = hidden(column, tagged, "__Read", false);
    let fields: Vec<Ident> = (0..tagged.data.len()).map(|at| format_ident!("v{at}")).collect();
    let has_field = |at: usize| !matches!(tagged.data[at], Data::Nothing);
    let write = tagged.data.iter().enumerate().map(|(at, data)| {
        let (variant, (pattern, borrowed)) = (variant[at], pattern(data));
        let members =
            fields.iter().enumerate().filter(|(other, _)| has_field(*other)).map(|(other, field)| {
                if other == at {
                    quote!(#field: ::core::option::Option::Some(#borrowed))
                } else {
                    quote!(#field: ::core::option::Option::None)
                }
            });
        quote!(Self::#variant #pattern => __Written { tag: #kind::#variant, #(#members),* })
    });
    let take = tagged.data.iter().enumerate().map(|(at, data)| {
        let (variant, field) = (variant[at], &fields[at]);
        let (pattern, _) = self::pattern(data);
        let value = match data {
            Data::Nothing => {
                return quote!(#kind::#variant => ::core::result::Result::Ok(Self::#variant #pattern));
            }
            Data::One(..) => quote!(a0),
            Data::Tuple(types) => names(types.len()),
            Data::Named(fields) => {
                let idents = fields.iter().map(|(ident, ..)| ident);
                quote!((#(#idents,)*))
            }
        };
        let name = &tagged.variants[at].name;
        quote! {
            #kind::#variant => match row.#field {
                ::core::option::Option::Some(#value) => ::core::result::Result::Ok(Self::#variant #pattern),
                ::core::option::Option::None => ::core::result::Result::Err(#private::no_data(at, #name)),
            }
        }
    });
    let natural = quote!(#private::encoding::Natural);
    let as_column = quote!(<__Written<'static> as #private::Column<#natural>>);
    let as_from = quote!(<__Read as #private::FromColumn<#natural>>);
    let asserts = tagged.data.iter().enumerate().flat_map(|(at, data)| asserts(private, at, data));
    quote! {
        #(#asserts)*

        pub enum #kind {
            #(#variant,)*
        }

        #kinds
        #written
        #read

        #[automatically_derived]
        impl #private::Column<#natural> for #ident
        where
            for<'__column> __Written<'static>: #private::Column<#natural>,
        {
            type Buffer = #as_column::Buffer;

            fn data_type() -> #private::DataType {
                #as_column::data_type()
            }

            #[inline]
            fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                let row = match self {
                    #(#write,)*
                };
                #private::Column::<#natural>::append_to(&row, slot)
            }
        }

        #[automatically_derived]
        impl #private::Item<#natural> for #ident where #ident: #private::Column<#natural> {}

        #[automatically_derived]
        impl #private::FromColumn<#natural> for #ident
        where
            for<'__column> __Written<'static>: #private::Column<#natural>,
            for<'__readable> __Read: #private::FromColumn<#natural>,
        {
            type Reader = #as_from::Reader;

            fn reader(
                array: &#private::ArrayRef,
            ) -> ::core::result::Result<Self::Reader, ::std::vec::Vec<#private::Mismatch>> {
                #as_from::reader(array)
            }

            fn read(
                reader: &Self::Reader,
                at: usize,
            ) -> ::core::result::Result<Self, ::std::boxed::Box<#private::Fault>> {
                let row = #as_from::read(reader, at)?;
                match row.tag {
                    #(#take,)*
                }
            }
        }
    }
}

/// One error for each type that cannot be a column, at that type.
fn asserts(private: &TokenStream, at: usize, data: &Data) -> Vec<TokenStream> {
    let natural = Encoding::Natural;
    let zone = format_ident!("__Asserted{at}");
    let types: Vec<(&Type, &Encoding)> = match data {
        Data::Nothing => Vec::new(),
        Data::One(ty, encoding) => vec![(&**ty, encoding)],
        Data::Tuple(types) => types.iter().map(|ty| (ty, &natural)).collect(),
        Data::Named(fields) => fields.iter().map(|(.., ty)| (ty, &natural)).collect(),
    };
    let mut asserts = Vec::new();
    for (ty, encoding) in types {
        let item = encoding.zone_item(private, &zone);
        let encoding = encoding.tokens(private, &zone);
        asserts.push(item);
        asserts.push(quote_spanned!(ty.span()=> const _: () = #private::assert_column::<#ty, #encoding>();));
    }
    asserts
}

/// The pattern of a variant's fields, and what its column holds, by reference.
fn pattern(data: &Data) -> (TokenStream, TokenStream) {
    match data {
        Data::Nothing => (quote!({}), quote!()),
        Data::One(..) => (quote!((a0)), quote!(a0)),
        Data::Tuple(types) => {
            let names = names(types.len());
            (names.clone(), names)
        }
        Data::Named(fields) => {
            let idents: Vec<_> = fields.iter().map(|(ident, ..)| ident).collect();
            (quote!({ #(#idents),* }), quote!((#(#idents,)*)))
        }
    }
}

/// `(a0, a1,)`.
fn names(count: usize) -> TokenStream {
    let names = (0..count).map(|at| format_ident!("a{at}"));
    quote!((#(#names,)*))
}

/// A table with a column for the tag, and one for each variant that holds something.
fn hidden(column: &Column, tagged: &Tagged, name: &str, borrowed: bool) -> TokenStream {
    let by_reference = |ty: &Type| -> Type { if borrowed { parse_quote!(&'__v #ty) } else { ty.clone() } };
    let of = |ident: Ident, name: &str, ty: Type, encoding: Encoding| table::Field {
        column: Some(table::Column {
            name: name.to_owned(),
            name_span: Span::call_site(),
            aliases: Vec::new(),
            encoding,
            conversion: table::Conversion::None,
            nullable: false,
            facts: Vec::new(),
            metadata: Vec::new(),
        }),
        ident,
        vis: Visibility::Inherited,
        ty,
        default: table::Default::None,
        broken: false,
    };
    let mut fields = vec![of(format_ident!("tag"), &tagged.tag, parse_quote!(__Kind), Encoding::Natural)];
    for (at, (data, variant)) in tagged.data.iter().zip(&tagged.variants).enumerate() {
        let (ty, encoding): (Type, Encoding) = match data {
            Data::Nothing => continue,
            Data::One(ty, encoding) => (by_reference(ty), encoding.clone()),
            Data::Tuple(types) => {
                let types = types.iter().map(by_reference);
                (parse_quote!((#(#types,)*)), Encoding::Natural)
            }
            Data::Named(fields) => {
                let types = fields.iter().map(|(.., ty)| by_reference(ty));
                let names = fields.iter().map(|(_, name, _)| name.clone()).collect();
                (parse_quote!((#(#types,)*)), Encoding::Names(names))
            }
        };
        fields.push(of(
            format_ident!("v{at}"),
            &variant.name,
            parse_quote!(::core::option::Option<#ty>),
            encoding,
        ));
    }
    let hidden = table::Table {
        ident: Ident::new(name, Span::call_site()),
        vis: Visibility::Inherited,
        generics: if borrowed { parse_quote!(<'__v>) } else { syn::Generics::default() },
        private: column.private.clone(),
        name: column.ident.to_string(),
        metadata: Vec::new(),
        facts: Vec::new(),
        flattened: Vec::new(),
        deny_unknown: false,
        view: None,
        hides_types: false,
        hidden: true,
        fields,
        broken: false,
    };
    let (ident, generics) = (&hidden.ident, &hidden.generics);
    let members = hidden.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: #ty)
    });
    let impls = crate::table::emit::table(&hidden);
    quote! {
        pub struct #ident #generics {
            #(#members,)*
        }

        #impls
    }
}
