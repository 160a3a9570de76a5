//! Where the compiler points when what is emitted fails.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The path at this place, so that the compiler points there when what it leads to fails.
pub(crate) fn located(path: impl ToTokens, span: Span) -> TokenStream {
    let at_span = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    path.into_token_stream().into_iter().map(at_span).collect()
}
