//! The data of a variant as emitted code speaks of it: nothing, one column, or a hidden struct of several.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, Visibility, WherePredicate, parse_quote};

use super::model::{Column, Data, DataVariant};
use crate::asked::Asked;
use crate::encoding::Encoding;
use crate::place::located;
use crate::table::emit::{self, Emitted};
use crate::table::model::{Field, Table};
use crate::table::read;
use crate::types;

/// The data of one variant.
pub(super) struct Part<'c> {
    column: &'c Column,
    variant: &'c DataVariant,
    /// The variant's place.
    pub(super) at: usize,
    /// The hidden struct, or the zone of the one column.
    hidden: Ident,
}

pub(super) fn parts<'c>(column: &'c Column, variants: &'c [DataVariant]) -> Vec<Part<'c>> {
    let part = |(at, variant)| Part { column, variant, at, hidden: format_ident!("__Variant{at}") };
    variants.iter().enumerate().map(part).collect()
}

impl Part<'_> {
    /// The variant's name in the column.
    pub(super) fn name(&self) -> &str {
        &self.variant.variant.name
    }

    /// Its name and those also accepted.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.variant.variant.name).chain(&self.variant.variant.aliases)
    }

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.variant.data, Data::Nothing)
    }

    /// Whether it borrows from its column.
    pub(super) fn borrows(&self) -> bool {
        match &self.variant.data {
            Data::Nothing => false,
            Data::One(ty, _) => types::borrows(ty),
            Data::Fields(fields, _) => fields.iter().any(|field| types::borrows(&field.ty)),
        }
    }

    /// The generics of the hidden struct.
    fn generics(&self) -> Generics {
        if self.borrows() { self.column.generics.clone() } else { Generics::default() }
    }

    /// The constant that says whether the one column is one.
    fn asked(&self) -> Asked {
        match &self.variant.data {
            Data::One(ty, Encoding::Natural) if types::is_known_column(ty) => Asked::not(),
            _ => Asked::by(format_ident!("{}Is", self.hidden)),
        }
    }

    /// The type of the data.
    pub(super) fn ty(&self) -> TokenStream {
        match &self.variant.data {
            Data::Nothing => quote!(()),
            Data::One(ty, _) => self.asked().ty(&self.column.private, &ty.to_token_stream()),
            Data::Fields(..) => {
                let (hidden, generics) = (&self.hidden, self.generics());
                let (_, ty_generics, _) = generics.split_for_impl();
                quote!(#hidden #ty_generics)
            }
        }
    }

    /// The type without lifetimes; a reference has the column of what it points at.
    pub(super) fn owned(&self) -> TokenStream {
        match &self.variant.data {
            Data::One(ty, _) => self.asked().ty(&self.column.private, &types::owned(types::referent(ty))),
            _ => types::replace_lifetimes(self.ty(), &mut |_| quote!('static)),
        }
    }

    pub(super) fn encoding(&self) -> TokenStream {
        match &self.variant.data {
            Data::One(_, encoding) => encoding.tokens(&self.column.private, &self.hidden),
            _ => Encoding::Natural.tokens(&self.column.private, &self.hidden),
        }
    }

    /// `<data as Trait<Encoding>>`, without lifetimes.
    pub(super) fn of(&self, name: TokenStream) -> TokenStream {
        let (private, owned, encoding) = (&self.column.private, self.owned(), self.encoding());
        quote!(<#owned as #private::#name<#encoding>>)
    }

    /// The conditions under which the data is a column. Each has a lifetime of its own, so that one that does not hold is no
    /// error but its own.
    pub(super) fn conditions(&self) -> Vec<WherePredicate> {
        let (private, owned, encoding) = (&self.column.private, self.owned(), self.encoding());
        let own = parse_quote!(for<'__column> #owned: #private::Column<#encoding>);
        match &self.variant.data {
            Data::Nothing => Vec::new(),
            Data::One(..) => vec![own],
            Data::Fields(fields, _) => {
                let table = table(self.column, &self.hidden, self.generics(), fields.to_vec());
                std::iter::once(own).chain(emit::predicates(&table)).collect()
            }
        }
    }

    /// The pattern of the variant, which binds its fields.
    pub(super) fn pattern(&self) -> TokenStream {
        let variant = &self.variant.variant.ident;
        match &self.variant.data {
            Data::Nothing => quote!(Self::#variant {}),
            Data::One(..) => quote!(Self::#variant(a0)),
            Data::Fields(fields, names) => {
                let bound: Vec<_> = fields.iter().map(|field| &field.ident).collect();
                if names.is_empty() {
                    quote!(Self::#variant(#(#bound),*))
                } else {
                    quote!(Self::#variant { #(#names: #bound),* })
                }
            }
        }
    }

    /// The statement that writes the fields that the pattern binds.
    pub(super) fn append(&self, slot: &TokenStream) -> TokenStream {
        let (private, hidden, encoding) = (&self.column.private, &self.hidden, self.encoding());
        match &self.variant.data {
            Data::Nothing => quote!(<() as #private::Column<#encoding>>::append_to(&(), #slot);),
            Data::One(ty, _) => {
                let value = if types::is_reference(ty) { quote!(*a0) } else { quote!(a0) };
                let (at, ty, asked) = (ty.span(), types::referent(ty), self.asked());
                let value = asked.column(private, ty, value);
                let ty = asked.ty(private, &ty.to_token_stream());
                quote_spanned!(at=> <#ty as #private::Column<#encoding>>::append_to(#value, #slot);)
            }
            Data::Fields(fields, _) => {
                let bound = fields.iter().map(|field| &field.ident);
                quote!(#hidden::append_fields(#slot, #(#bound),*);)
            }
        }
    }

    /// The variant with this data in it.
    pub(super) fn made_of(&self, data: &TokenStream) -> TokenStream {
        let (made, hidden) = (self.pattern(), &self.hidden);
        match &self.variant.data {
            Data::Nothing => made,
            Data::One(ty, _) => {
                let data = self.asked().field(&self.column.private, ty, quote!(#data));
                quote!({
                    let a0 = #data;
                    #made
                })
            }
            Data::Fields(fields, _) => {
                let bound = fields.iter().map(|field| &field.ident);
                quote!({
                    let #hidden { #(#bound),* } = #data;
                    #made
                })
            }
        }
    }

    /// What is emitted once: an error for each type that cannot be a column, the type of a zone, the hidden struct.
    pub(super) fn items(&self) -> TokenStream {
        let private = &self.column.private;
        match &self.variant.data {
            Data::Nothing => TokenStream::new(),
            Data::One(ty, encoding) => {
                let zone = encoding.zone_item(private, &self.hidden);
                let (declared, encoding) = (types::owned(types::referent(ty)), self.encoding());
                let asked = self.asked().item(private, &declared, Some(&encoding), ty.span());
                let private = located(private, ty.span());
                let assert = quote_spanned!(ty.span()=> const _: () = #private::assert_column::<#declared, #encoding>(););
                quote!(#zone #asked #assert)
            }
            Data::Fields(fields, _) => self.hidden_struct(fields),
        }
    }

    fn hidden_struct(&self, fields: &[Field]) -> TokenStream {
        let private = &self.column.private;
        let table = table(self.column, &self.hidden, self.generics(), fields.to_vec());
        let (impl_generics, ty_generics, where_clause) = table.generics.split_for_impl();
        let hidden = &self.hidden;
        let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
        let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
        let impls = emit::block(&table, |columns| {
            let asserts = crate::table::names::asserts(&table, columns);
            let buffers = emit::buffers(&table, columns);
            let slots: Vec<Ident> = columns.iter().map(|column| column.slot.clone()).collect();
            let split = emit::split(&slots);
            let appends = columns.iter().map(|column: &Emitted<'_>| {
                let bound = &column.field.ident;
                column.append(private, &quote!((*#bound)))
            });
            let column =
                emit::column(&table, columns, &quote!(Self::append_fields(slot, #(&self.#idents),*)));
            let read = read::table(&table, columns);
            let conditions = emit::predicates(&table);
            quote! {
                #asserts
                #buffers

                impl #impl_generics #hidden #ty_generics where #(#conditions),* {
                    #[inline]
                    #[allow(unused_variables)]
                    fn append_fields(slot: #private::Slot<'_, #private::Own<#private::NestedRows<__Rows>>>, #(#idents: &#types),*) {
                        let slot = slot.get_mut().rows().0.row();
                        #split
                        #(#appends)*
                    }
                }

                #column
                #read
            }
        });
        quote! {
            pub struct #hidden #impl_generics #where_clause {
                #(#idents: #types,)*
            }

            #impls
        }
    }
}

/// A table that is no struct of the user's.
pub(super) fn table(column: &Column, ident: &Ident, generics: Generics, fields: Vec<Field>) -> Table {
    Table {
        ident: Ident::new(&ident.to_string(), Span::call_site()),
        vis: Visibility::Inherited,
        // An enum may be public where what it holds is not.
        hides_types: generics.lifetimes().next().is_some(),
        generics,
        private: column.private.clone(),
        name: column.ident.to_string(),
        metadata: Vec::new(),
        facts: Vec::new(),
        flattened: Vec::new(),
        deny_unknown: false,
        view: None,
        hidden: true,
        bounds: Default::default(),
        fields,
        broken: false,
    }
}
