//! one E0080: of what is flattened, only an enum with data has variants to name
use flexconnect_core::Config;

#[derive(Config)]
struct Server {
    host: String,
}

#[derive(Config)]
struct Row {
    #[config(flatten)]
    server: Server,
    #[config(visible_when(server = Server::Host))] //~
    scope: Option<String>,
}

fn main() {}
