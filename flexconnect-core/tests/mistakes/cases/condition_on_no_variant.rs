//! one E0080: the enum has no such variant
use flexconnect_core::Config;

#[derive(Config)]
enum Auth {
    #[config(default)]
    Nobody,
    Basic { user: String },
}

#[derive(Config)]
struct Row {
    #[config(flatten)]
    auth: Auth,
    #[config(visible_when(auth = Auth::Basix))] //~
    scope: Option<String>,
}

fn main() {}
