//! The impls of a table. Its buffers are a tuple, and a row is written through the slots of the tuple's parts: the one
//! check that there is room, and all that relies on it, is in `flexconnect_core`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::generics::{accepts, bounded, without_lifetimes};
use super::model::{Column, Conversion, Field, Table};
use super::{names, read};
use crate::asked::Asked;
use crate::encoding::Encoding;
use crate::types;

/// A column and the tokens by which all impls speak of it.
pub(crate) struct Emitted<'t> {
    pub(crate) field: &'t Field,
    pub(crate) column: &'t Column,
    /// The variable its slot is in.
    pub(crate) slot: Ident,
    /// The type of the values of one row, as the field declares it.
    ty: TokenStream,
    /// That type without lifetimes.
    pub(super) declared: TokenStream,
    /// The column's type: the declared one, if it can be a column.
    pub(super) owned: TokenStream,
    pub(super) asked: Asked,
    pub(crate) encoding: TokenStream,
    zone: TokenStream,
}

pub(crate) fn table(table: &Table) -> TokenStream {
    block(table, |columns| {
        let asserts = names::asserts(table, columns);
        let (buffers, rows) = (buffers(table, columns), rows(table, columns));
        let read = read::table(table, columns);
        quote!(#asserts #buffers #rows #read)
    })
}

/// What `items` makes of the columns, out of everyone's sight.
pub(crate) fn block(table: &Table, items: impl FnOnce(&[Emitted<'_>]) -> TokenStream) -> TokenStream {
    let columns = emitted(table);
    let zones = columns.iter().map(|column| &column.zone);
    let questions = columns.iter().map(|column| {
        let encoding = (!column.is_flat()).then_some(&column.encoding);
        column.asked.item(&table.private, &column.declared, encoding, column.field.ty.span())
    });
    let named = quote!(#(#zones)* #(#questions)*);
    let items = items(&columns);
    // Those of a hidden struct are named by the conditions of the enum around it.
    let (outside, inside) = if table.hidden { (Some(named), None) } else { (None, Some(named)) };
    quote! {
        #outside

        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, missing_docs, private_bounds, unreachable_pub)]
        const _: () = {
            #inside
            #items
        };
    }
}

fn emitted(table: &Table) -> Vec<Emitted<'_>> {
    let private = &table.private;
    table
        .columns()
        .enumerate()
        .map(|(at, (field, column))| {
            let zone = format_ident!("__{}Zone{at}", table.ident);
            let is_known =
                matches!((&column.conversion, &column.encoding), (Conversion::None, Encoding::Natural))
                    && types::is_known_column(&field.ty);
            let asked = if is_known || types::is_generic(&field.ty, &table.generics) {
                Asked::not()
            } else {
                Asked::by(format_ident!("__{}Is{at}", table.ident))
            };
            let (ty, declared) = types_of(private, field, column);
            Emitted {
                field,
                column,
                slot: format_ident!("c{at}"),
                ty,
                owned: asked.ty(private, &declared),
                declared,
                asked,
                encoding: column.encoding.tokens(private, &zone),
                zone: column.encoding.zone_item(private, &zone),
            }
        })
        .collect()
}

/// The type of a field's column in one row, and that type without lifetimes.
fn types_of(private: &TokenStream, field: &Field, column: &Column) -> (TokenStream, TokenStream) {
    let wrapper = match &column.conversion {
        Conversion::With(module) => {
            let ty = quote_spanned!(module.span()=> #module::Column);
            return (ty.clone(), ty);
        }
        Conversion::None | Conversion::Flatten(_) => {
            // A reference has the column of what it points at.
            let ty = types::referent(&field.ty);
            return (ty.to_token_stream(), types::owned(ty));
        }
        Conversion::Runs => {
            let (ty, owned) = (&field.ty, types::owned(&field.ty));
            return (quote!(#private::Runs<&#ty>), quote!(#private::Runs<#owned>));
        }
        Conversion::Json => quote!(#private::Json),
        Conversion::Display => quote!(#private::Displayed),
    };
    match types::argument_of(&field.ty, "Option") {
        Some(inner) => {
            let (option, owned) = (quote!(::core::option::Option), types::owned(inner));
            (quote!(#option<#wrapper<&#inner>>), quote!(#option<#wrapper<#owned>>))
        }
        None => {
            let (ty, owned) = (&field.ty, types::owned(&field.ty));
            (quote!(#wrapper<&#ty>), quote!(#wrapper<#owned>))
        }
    }
}

/// The type that stands for the columns, and its `Columns`.
pub(crate) fn buffers(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let private = &table.private;
    let generics = bounded(&without_lifetimes(&table.generics), table, columns);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let parameters = generics.type_params().map(|parameter| &parameter.ident);
    let buffers = columns
        .iter()
        .map(|column| {
            if column.is_flat() {
                let owned = &column.owned;
                return quote!(#private::FlatRows<<#owned as #private::Table>::Rows>);
            }
            let buffer = column.of(private, quote!(Column), &column.owned, quote!(Buffer));
            if column.column.optional { quote!(#private::Nullable<#buffer>) } else { buffer }
        })
        .collect();
    let buffers = tuple(buffers);
    let schema = schema(table, columns);
    let names = names::names(private, columns, &|column| {
        let (owned, encoding, nullable) = (&column.owned, &column.encoding, column.column.nullable);
        quote!(#nullable || <#owned as #private::Column<#encoding>>::NULLABLE)
    });
    // Where a type parameter is flattened, its columns are known only when the table is used.
    let is_flat_generic =
        |column: &Emitted<'_>| column.is_flat() && types::is_generic(&column.field.ty, &table.generics);
    let distinct = columns.iter().any(is_flat_generic).then(|| {
        let own = quote!(<Self as #private::TableRows>::NAMES);
        let named: Vec<_> = names::named(table, &own).collect();
        quote! {
            const {
                #private::assert_distinct(#own);
                #(#named;)*
            }
        }
    });
    quote! {
        struct __Columns #impl_generics(::core::marker::PhantomData<fn() -> (#(#parameters,)*)>) #where_clause;

        #[automatically_derived]
        impl #impl_generics #private::Columns for __Columns #ty_generics #where_clause {
            type Buffers = #buffers;

            fn name(at: usize) -> ::std::string::String {
                #private::name_of(&<__Rows #ty_generics as #private::TableRows>::schema(), at)
            }
        }

        pub struct __Rows #impl_generics(#private::ColumnRows<__Columns #ty_generics>) #where_clause;

        #[automatically_derived]
        impl #impl_generics #private::HoldRows for __Rows #ty_generics #where_clause {
            fn new(hint: usize) -> Self {
                __Rows(#private::ColumnRows::new(hint))
            }

            #[inline(always)]
            fn rows(&self) -> &dyn #private::AnyRows {
                &self.0
            }

            #[inline(always)]
            fn rows_mut(&mut self) -> &mut dyn #private::AnyRows {
                &mut self.0
            }
        }

        #[automatically_derived]
        impl #impl_generics #private::TableRows for __Rows #ty_generics #where_clause {
            const NAMES: &'static [#private::Named] = #names;

            fn schema() -> #private::SchemaRef {
                #distinct
                #schema
            }
        }
    }
}

/// The longest tuple that `flexconnect_core` has buffers for.
const LONGEST: usize = 12;

/// A tuple of these, or a tuple of tuples when they are too many for one.
fn tuple(parts: Vec<TokenStream>) -> TokenStream {
    if parts.len() <= LONGEST {
        return quote!((#(#parts,)*));
    }
    tuple(parts.chunks(LONGEST).map(|part| tuple(part.to_vec())).collect())
}

/// Statements that split the slot of such a tuple into the slots of its parts.
pub(crate) fn split(slots: &[Ident]) -> TokenStream {
    if slots.is_empty() {
        return quote!(let _ = slot;);
    }
    if slots.len() <= LONGEST {
        return quote!(let (#(#slots,)*) = slot.split(););
    }
    let mut statements = TokenStream::new();
    let mut parts = slots.to_vec();
    let mut level = 0;
    while parts.len() > LONGEST {
        let groups: Vec<Ident> =
            (0..parts.len().div_ceil(LONGEST)).map(|at| format_ident!("g{level}_{at}")).collect();
        let mut splits = TokenStream::new();
        for (group, parts) in groups.iter().zip(parts.chunks(LONGEST)) {
            splits.extend(quote!(let (#(#parts,)*) = #group.split();));
        }
        splits.extend(statements);
        statements = splits;
        parts = groups;
        level += 1;
    }
    quote!(let (#(#parts,)*) = slot.split(); #statements)
}

/// The schema, kept in a static where there can be one: not for a generic struct, which has many schemas.
fn schema(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let private = &table.private;
    let fields = columns.iter().map(|column| {
        let Column { name, nullable, metadata, conversion, .. } = column.column;
        let (owned, encoding) = (&column.owned, &column.encoding);
        if let Conversion::Flatten(prefix) = conversion {
            return quote_spanned!(column.field.ty.span()=> #private::flatten::<#owned>(&mut fields, #prefix););
        }
        let metadata = pairs(metadata);
        quote_spanned!(column.field.ty.span()=>
            fields.push(#private::described(#private::field::<#owned, #encoding>(#name), #nullable, &[#metadata]));
        )
    });
    let metadata = pairs(&table.metadata);
    let build = quote!({
        let mut fields = ::std::vec::Vec::new();
        let _ = &mut fields;
        #(#fields)*
        #private::schema(fields, &[#metadata])
    });
    if without_lifetimes(&table.generics).params.is_empty() {
        quote! {
            static SCHEMA: #private::OnceLock<#private::SchemaRef> = #private::OnceLock::new();
            ::core::clone::Clone::clone(SCHEMA.get_or_init(|| #build))
        }
    } else {
        build
    }
}

/// `Table`, `Column`, `Record` and `Accepts`.
fn rows(table: &Table, columns: &[Emitted<'_>]) -> TokenStream {
    let (private, ident, name) = (&table.private, &table.ident, &table.name);
    let generics = bounded(&table.generics, table, columns);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let of_columns = without_lifetimes(&table.generics);
    let (_, column_generics, _) = of_columns.split_for_impl();
    let slots: Vec<Ident> = columns.iter().map(|column| column.slot.clone()).collect();
    let split = split(&slots);
    let push = columns.iter().map(|column| {
        let member = &column.field.ident;
        column.append(private, &quote!(self.#member))
    });
    let column = self::column(table, columns, &quote!(#private::Table::push_to(self, slot.get_mut().rows())));
    let (accepts_generics, other) = accepts(&generics);
    let (accepts_impl, _, accepts_where) = accepts_generics.split_for_impl();
    let (_, other_generics, _) = other.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Table for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;

            type Rows = __Rows #column_generics;

            #[inline(always)]
            fn push_to(&self, rows: &mut Self::Rows) {
                let slot = rows.0.row();
                #split
                #(#push)*
            }
        }

        #column

        #[automatically_derived]
        impl #impl_generics #private::Record for #ident #ty_generics #where_clause {
            type Buffer = #private::TableBuffer<__Rows #column_generics>;

            fn schema() -> ::core::option::Option<#private::SchemaRef> {
                ::core::option::Option::Some(<__Rows #column_generics as #private::TableRows>::schema())
            }
        }

        #[automatically_derived]
        impl #accepts_impl #private::Accepts<#ident #other_generics> for #ident #ty_generics #accepts_where {
            #[inline(always)]
            fn push(buffer: &mut <Self as #private::Record>::Buffer, row: #ident #other_generics) {
                #private::Table::push_to(&row, buffer.rows());
            }
        }
    }
}

/// The impls that make the struct a column of structs; `append` writes `self` to `slot`.
pub(crate) fn column(table: &Table, columns: &[Emitted<'_>], append: &TokenStream) -> TokenStream {
    let (private, ident) = (&table.private, &table.ident);
    let generics = bounded(&table.generics, table, columns);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let of_columns = without_lifetimes(&table.generics);
    let (_, column_generics, _) = of_columns.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Column<#private::encoding::Natural> for #ident #ty_generics #where_clause {
            type Buffer = #private::Own<#private::NestedRows<__Rows #column_generics>>;

            fn data_type() -> #private::DataType {
                let schema = <__Rows #column_generics as #private::TableRows>::schema();
                #private::DataType::Struct(::core::clone::Clone::clone(schema.fields()))
            }

            #[inline(always)]
            fn append_to(&self, slot: #private::Slot<'_, Self::Buffer>) {
                #append;
            }
        }

        #[automatically_derived]
        impl #impl_generics #private::Item<#private::encoding::Natural> for #ident #ty_generics #where_clause {}
    }
}

/// The conditions under which all fields of a hidden struct are columns.
pub(crate) fn predicates(table: &Table) -> impl Iterator<Item = syn::WherePredicate> {
    bounded(&table.generics, table, &emitted(table))
        .where_clause
        .into_iter()
        .flat_map(|clause| clause.predicates)
}

impl Emitted<'_> {
    /// The statement that writes the value in this place to the column's slot.
    pub(crate) fn append(&self, private: &TokenStream, place: &TokenStream) -> TokenStream {
        let slot = &self.slot;
        let option = quote!(::core::option::Option);
        let wrapped = |wrapper: TokenStream| {
            if types::is_option(&self.field.ty) {
                quote!(&#option::map(#option::as_ref(&#place), #wrapper))
            } else {
                quote!(&#wrapper(&#place))
            }
        };
        let value = match &self.column.conversion {
            Conversion::With(module) => quote_spanned!(module.span()=> &#module::to(&#place)),
            Conversion::None | Conversion::Flatten(_) if types::is_reference(&self.field.ty) => place.clone(),
            Conversion::None | Conversion::Flatten(_) => quote!(&#place),
            Conversion::Runs => quote!(&#private::Runs(&#place)),
            Conversion::Json => wrapped(quote!(#private::Json)),
            Conversion::Display => wrapped(quote!(#private::Displayed)),
        };
        let ty = &self.ty;
        let value = self.asked.column(private, ty, value);
        if self.is_flat() {
            return quote!(#private::Table::push_to(#value, #slot.rows()););
        }
        let slot = if self.column.optional { quote!(#slot.some()) } else { quote!(#slot) };
        let append = self.of(private, quote!(Column), self.asked.ty(private, ty), quote!(append_to));
        quote!(#append(#value, #slot);)
    }

    /// Whether its columns are the table's own.
    pub(crate) fn is_flat(&self) -> bool {
        matches!(self.column.conversion, Conversion::Flatten(_))
    }

    /// `<ty as Trait<Encoding>>::item`, at the place of the field's type so that an error points there.
    pub(super) fn of(
        &self,
        private: &TokenStream,
        name: TokenStream,
        ty: impl ToTokens,
        item: TokenStream,
    ) -> TokenStream {
        let encoding = &self.encoding;
        quote_spanned!(self.field.ty.span()=> <#ty as #private::#name<#encoding>>::#item)
    }
}

/// Pairs of texts, as the elements of an array.
fn pairs(pairs: &[(String, String)]) -> TokenStream {
    pairs.iter().map(|(key, value)| quote!((#key, #value),)).collect()
}
