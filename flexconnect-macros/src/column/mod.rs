//! `#[derive(Column)]`.

mod data;
mod emit;
mod model;
mod parse;
mod parts;
mod tagged;
mod union;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// The impls, and an error for each mistake.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let impls = expand(input, &mut errors);
    let mut tokens = errors.into_tokens();
    tokens.extend(impls);
    tokens
}

fn expand(input: TokenStream, errors: &mut Errors) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.push(error);
            return TokenStream::new();
        }
    };
    let mut column = parse::column(input, errors);
    if !errors.is_empty() {
        column.shape = model::Shape::Broken;
    }
    emit::column(&column)
}

#[cfg(test)]
mod tests;
