//! `#[derive(Config)]`: parse the input into a model, check the model, emit the impls.

mod attribute;
mod check;
mod emit;
mod fallback;
mod form;
mod literal;
mod lower;
mod model;
mod names;
mod parse;
mod shape;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro2::TokenStream;
use syn::DeriveInput;

/// Mistakes, collected so that all of them are reported at once.
#[derive(Debug, Default)]
struct Mistakes(Option<syn::Error>);

impl Mistakes {
    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// A mistake in these tokens.
    fn at(&mut self, tokens: impl quote::ToTokens, message: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }
}

/// The impls of a struct (`Config`) or an enum (a choice); beside mistakes, impls that only compile.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let model = parse::parse(input, &mut mistakes);
    if let Some(model) = &model {
        check::check(model, &mut mistakes);
    }
    match (model, mistakes.0) {
        (Some(model), None) => emit::emit(&model),
        (_, mistakes) => {
            let errors = mistakes.map(syn::Error::into_compile_error);
            let fallback = fallback::fallback(input);
            quote::quote!(#errors #fallback)
        }
    }
}
