//! `#[derive(Table)]`.

mod borrow;
mod check;
pub(crate) mod emit;
mod generics;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod read;

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
    let mut table = parse::table(input, errors);
    check::table(&mut table, errors);
    table.broken |= !errors.is_empty();
    let mut impls = emit::table(&table);
    if !table.broken {
        impls.extend(borrow::view(&table));
    }
    impls
}

#[cfg(test)]
mod tests;
