//! Certificates for a server on this machine, and for its clients.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// A folder with `ca.crt` (who signs), `clients.crt` (the same, as the server reads it), `server.crt` and `.key`,
/// `client.crt` and `.key` for the client called `dashboards`.
pub(crate) struct Certificates(tempfile::TempDir);

impl Certificates {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        write("ca.crt", authority.pem());
        write("clients.crt", authority.pem());
        for (name, common, hosts) in
            [("server", "server", &["localhost", "127.0.0.1"][..]), ("client", "dashboards", &[])]
        {
            let hosts: Vec<_> = hosts.iter().map(|&host| host.to_owned()).collect();
            let mut params = CertificateParams::new(hosts).unwrap();
            params.distinguished_name.push(DnType::CommonName, common);
            let key = KeyPair::generate().unwrap();
            write(&format!("{name}.crt"), params.signed_by(&key, &authority).unwrap().pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Certificates(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }
}
