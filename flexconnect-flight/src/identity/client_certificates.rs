//! Callers known by the certificate they connect with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use flexconnect_core::{Caller, Error, ErrorKind, Result};
use http::HeaderName;
use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::authenticate::Authenticate;
use super::credentials::Credentials;

/// What of a certificate names its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateName {
    /// The subject's common name, `CN`. A subject with several has none.
    CommonName,
    /// The first DNS name of the subject's alternative names.
    Dns,
    /// The first URI of the subject's alternative names, such as `spiffe://example.org/reports`.
    Uri,
}

/// Names callers by the certificate they connect with, which TLS has verified: the server must be given the authority
/// of its clients, `Tls::with_client_authority`.
///
/// ```
/// use flexconnect_flight::identity::{CertificateName, ClientCertificates};
///
/// // A caller is called as its certificate says,
/// let certificates = ClientCertificates::by(CertificateName::CommonName);
/// // or as it is said here, and others may not call.
/// let certificates = ClientCertificates::by(CertificateName::Uri)
///     .with_names([("spiffe://example.org/reports", "reports")]);
/// ```
#[derive(Debug, Clone)]
pub struct ClientCertificates {
    by: CertificateName,
    names: Option<Arc<BTreeMap<String, String>>>,
}

impl ClientCertificates {
    /// Goes by this name of a certificate.
    pub fn by(name: CertificateName) -> Self {
        ClientCertificates { by: name, names: None }
    }

    /// Calls them so: the caller's name after the certificate's. Certificates of other names are refused.
    #[must_use]
    pub fn with_names(
        mut self,
        names: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.names = Some(Arc::new(names.into_iter().map(|(of, name)| (of.into(), name.into())).collect()));
        self
    }
}

#[async_trait]
impl Authenticate for ClientCertificates {
    fn headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        let Some(certificate) = credentials.peer().certificates().first() else { return Ok(None) };
        let refused = |message| Error::new(ErrorKind::Unauthenticated, message);
        let Some(name) = name_of(certificate, self.by) else {
            let message = match self.by {
                CertificateName::CommonName => "the client's certificate has no common name",
                CertificateName::Dns => "the client's certificate has no DNS name",
                CertificateName::Uri => "the client's certificate has no URI",
            };
            return Err(refused(message).into());
        };
        match &self.names {
            None => Ok(Some(Caller::named(name))),
            Some(names) => match names.get(&name) {
                Some(name) => Ok(Some(Caller::named(name))),
                None => {
                    let message = "nobody of this server has the name of the client's certificate";
                    Err(Error::new(ErrorKind::PermissionDenied, message).into())
                }
            },
        }
    }

    fn wanted(&self) -> String {
        "connect over TLS with a client certificate".into()
    }
}

/// A certificate's name of this kind.
fn name_of(certificate: &[u8], by: CertificateName) -> Option<String> {
    let certificate = CertificateDer::from(certificate);
    let certificate = EndEntityCert::try_from(&certificate).ok()?;
    let name = match by {
        CertificateName::CommonName => common_name(certificate.subject()),
        CertificateName::Dns => certificate.valid_dns_names().next(),
        CertificateName::Uri => certificate.valid_uri_names().next(),
    };
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The tag of a type in DER, and the bytes of the one that names an attribute as the common name.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;
const UTF8: u8 = 0x0C;
const PRINTABLE: u8 = 0x13;
const IA5: u8 = 0x16;
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// The common name of a subject: sets of attributes, each a pair of what it is and its text. Two of them would leave it
/// to chance who is meant.
fn common_name(mut subject: &[u8]) -> Option<&str> {
    let mut found = None;
    while !subject.is_empty() {
        let (tag, mut attributes, rest) = element(subject)?;
        subject = rest;
        if tag != SET {
            return None;
        }
        while !attributes.is_empty() {
            let (tag, attribute, rest) = element(attributes)?;
            attributes = rest;
            let (kind, name, value) = element(attribute)?;
            let (text, value, _) = element(value)?;
            if (tag, kind) != (SEQUENCE, OBJECT) {
                return None;
            }
            if name != COMMON_NAME {
                continue;
            }
            if found.is_some() || ![UTF8, PRINTABLE, IA5].contains(&text) {
                return None;
            }
            found = Some(std::str::from_utf8(value).ok()?);
        }
    }
    found
}

/// The first element of this DER: its tag, what is in it, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = match length {
        0..=0x7F => (usize::from(length), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), rest.get(2..)?),
        // A name is not that long.
        _ => return None,
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn certificate(common_names: &[&str], others: Vec<SanType>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "CN=mallory");
        for name in common_names {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.subject_alt_names = others;
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_named_as_its_operator_chose() {
        let names = vec![
            SanType::DnsName("reports.example.com".try_into().unwrap()),
            SanType::URI("spiffe://example.org/reports".try_into().unwrap()),
        ];
        let der = certificate(&["Rapports é"], names);
        assert_eq!(name_of(&der, CertificateName::CommonName).unwrap(), "Rapports é");
        assert_eq!(name_of(&der, CertificateName::Dns).unwrap(), "reports.example.com");
        assert_eq!(name_of(&der, CertificateName::Uri).unwrap(), "spiffe://example.org/reports");
        let long = "x".repeat(300);
        assert_eq!(name_of(&certificate(&[&long], vec![]), CertificateName::CommonName).unwrap(), long);
        for by in [CertificateName::CommonName, CertificateName::Dns, CertificateName::Uri] {
            assert_eq!(name_of(&certificate(&[], vec![]), by), None);
            assert_eq!(name_of(b"no certificate", by), None);
        }
    }

    #[test]
    fn a_subject_that_is_cut_or_has_two_names_has_none() {
        let named = |name: &str| {
            let text = [&[UTF8, name.len() as u8], name.as_bytes()].concat();
            let pair = [&[OBJECT, 3], &COMMON_NAME[..], &text].concat();
            let attribute = [&[SEQUENCE, pair.len() as u8], &pair[..]].concat();
            [&[SET, attribute.len() as u8], &attribute[..]].concat()
        };
        let subject = named("ann");
        assert_eq!(common_name(&subject), Some("ann"));
        for end in 1..subject.len() {
            assert_eq!(common_name(&subject[..end]), None);
        }
        assert_eq!(common_name(&[named("ann"), named("bob")].concat()), None);
        assert_eq!(common_name(&[SET, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
    }
}
