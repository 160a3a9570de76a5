//! GetFlightInfo and DoGet as bytes on a connection: what a server takes for them, and next to nothing of its client.
//!
//! HTTP/2 as RFC 9113 has it, with headers nobody has to remember (RFC 7541, section 6.2.2) and all room there is for answers.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use arrow_flight::{FlightDescriptor, FlightInfo, Ticket};
use flexconnect_core::Result;
use prost::Message;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// As much as a server may send before it is told to go on, which it never has to be.
const WINDOW: u32 = 1 << 30;
const INITIAL_WINDOW_SIZE: u16 = 4;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

/// Flags; the first is that of settings and pings, too.
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:method POST` and `:scheme http`, by their places in the static table, and a trailer gRPC wants to be said.
const POST_HTTP: [u8; 2] = [0x83, 0x86];
const TE_TRAILERS: &[u8] = b"\0\x02te\x08trailers";
/// Names in the static table.
const AUTHORITY: u8 = 1;
const PATH: u8 = 4;
const CONTENT_TYPE: u8 = 31;

/// One connection, with one call at a time.
pub(crate) struct Wire {
    stream: BufReader<TcpStream>,
    authority: String,
    next: u32,
}

impl Wire {
    pub(crate) fn connect(port: u16) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let mut hello = PREFACE.to_vec();
        let setting = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &WINDOW.to_be_bytes()].concat();
        frame(&mut hello, SETTINGS, 0, 0, &setting);
        frame(&mut hello, WINDOW_UPDATE, 0, 0, &WINDOW.to_be_bytes());
        stream.write_all(&hello)?;
        Ok(Wire { stream: BufReader::new(stream), authority: format!("localhost:{port}"), next: 1 })
    }

    /// Invokes the function and reads its rows; gives the seconds that took.
    pub(crate) fn call(&mut self, function: &str) -> Result<f64> {
        let command = format!(r#"{{"functionName":"{function}","parameters":{{}}}}"#);
        let started = Instant::now();
        let answer = self.answer("GetFlightInfo", &FlightDescriptor::new_cmd(command))?;
        let info = messages(&answer).next().ok_or("no info came")?;
        let endpoint = FlightInfo::decode(info)?.endpoint.into_iter().next();
        let ticket: Ticket = endpoint.and_then(|endpoint| endpoint.ticket).ok_or("the info has no ticket")?;
        let rows = self.answer("DoGet", &ticket)?;
        let seconds = started.elapsed().as_secs_f64();
        // Of the schema, and of rows: an error has none.
        if messages(&rows).count() < 2 {
            return Err("no rows came".into());
        }
        Ok(seconds)
    }

    /// What comes of a call, until its end.
    fn answer(&mut self, verb: &str, message: &impl Message) -> Result<Vec<u8>> {
        let stream = self.next;
        self.next += 2;
        let mut headers = POST_HTTP.to_vec();
        field(&mut headers, PATH, &format!("/arrow.flight.protocol.FlightService/{verb}"));
        field(&mut headers, AUTHORITY, &self.authority);
        field(&mut headers, CONTENT_TYPE, "application/grpc");
        headers.extend_from_slice(TE_TRAILERS);
        let mut asked = Vec::new();
        frame(&mut asked, HEADERS, END_HEADERS, stream, &headers);
        let length = u32::try_from(message.encoded_len())?;
        let message = [&[0][..], &length.to_be_bytes(), &message.encode_to_vec()].concat();
        frame(&mut asked, DATA, END_STREAM, stream, &message);
        self.send(&asked)?;

        let mut answer = Vec::new();
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head)?;
            let [a, b, c, kind, flags, on @ ..] = head;
            let mut body = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            self.stream.read_exact(&mut body)?;
            match kind {
                DATA => answer.extend_from_slice(&body),
                SETTINGS | PING if flags & ACK == 0 => {
                    let (mut heard, body) = (Vec::new(), if kind == PING { &body[..] } else { &[] });
                    frame(&mut heard, kind, ACK, 0, body);
                    self.send(&heard)?;
                }
                RST_STREAM | GOAWAY => return Err(format!("{verb} was ended by a frame {kind}").into()),
                _ => {}
            }
            if matches!(kind, DATA | HEADERS) && u32::from_be_bytes(on) == stream && flags & END_STREAM != 0 {
                return Ok(answer);
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }
}

fn frame(into: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, body: &[u8]) {
    into.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
    into.extend_from_slice(&[kind, flags]);
    into.extend_from_slice(&stream.to_be_bytes());
    into.extend_from_slice(body);
}

/// A header whose name is at this place; its value is shorter than 127 bytes.
fn field(into: &mut Vec<u8>, name: u8, value: &str) {
    // What does not fit into four bits goes on in a byte of its own.
    match name.checked_sub(15) {
        None => into.push(name),
        Some(rest) => into.extend_from_slice(&[15, rest]),
    }
    into.push(value.len() as u8);
    into.extend_from_slice(value.as_bytes());
}

/// The messages of gRPC, each behind its length.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&[_, a, b, c, d], rest) = bytes.split_first_chunk()?;
        let (message, rest) = rest.split_at_checked(u32::from_be_bytes([a, b, c, d]) as usize)?;
        bytes = rest;
        Some(message)
    })
}
