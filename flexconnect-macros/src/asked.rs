//! Whether a type can be a column is asked once, by a constant; what is emitted goes by the answer. Where it is no, the one
//! error is that of the field, and neither the impls nor what uses the row are further mistakes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

/// The constant that says whether a type is a column. There is none for a type that is known to be one, and for one with
/// parameters, of which only its user can tell: a question costs the compiler about as much as all else does for a column.
pub(crate) struct Asked(Option<Ident>);

impl Asked {
    /// Of a type in which no parameter occurs.
    pub(crate) fn by(constant: Ident) -> Self {
        Asked(Some(constant))
    }

    /// Of one that is taken to be a column.
    pub(crate) fn not() -> Self {
        Asked(None)
    }

    /// The constant of a type without lifetimes: is it a column in this encoding, or a table where there is none?
    pub(crate) fn item(
        &self,
        private: &TokenStream,
        declared: &TokenStream,
        encoding: Option<&TokenStream>,
        at: Span,
    ) -> TokenStream {
        let Some(constant) = &self.0 else { return TokenStream::new() };
        // Two types that are made of each other are a question that never ends: the compiler says so here.
        let at = Span::call_site().located_at(at);
        let constant = Ident::new(&constant.to_string(), at);
        let answer = match encoding {
            Some(encoding) => quote!(<#private::Is<#declared, #encoding>>::COLUMN),
            None => quote!(<#private::Is<#declared, ()>>::TABLE),
        };
        quote_spanned! {at=>
            #[allow(non_upper_case_globals)]
            const #constant: bool = {
                #[allow(unused_imports)]
                use #private::IsNot as _;
                #answer
            };
        }
    }

    /// The type where it is a column, and otherwise what stands for it.
    pub(crate) fn ty(&self, private: &TokenStream, ty: &TokenStream) -> TokenStream {
        match &self.0 {
            Some(constant) => quote!(<#ty as #private::OrStandIn<#constant>>::Column),
            None => ty.clone(),
        }
    }

    /// A reference to a value of the type, as one to the column's.
    pub(crate) fn column(&self, private: &TokenStream, ty: impl ToTokens, value: TokenStream) -> TokenStream {
        match &self.0 {
            Some(constant) => quote!(<#ty as #private::OrStandIn<#constant>>::column(#value)),
            None => value,
        }
    }

    /// The column's value as one of the type.
    pub(crate) fn field(&self, private: &TokenStream, ty: impl ToTokens, value: TokenStream) -> TokenStream {
        match &self.0 {
            Some(constant) => quote!(<#ty as #private::OrStandIn<#constant>>::field(#value)),
            None => value,
        }
    }
}
