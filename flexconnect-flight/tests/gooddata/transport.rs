//! What the connection of a server says beneath its calls, read byte by byte.

use std::collections::HashMap;

use flexconnect_flight::gooddata::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::functions::simple;
use crate::served::serve;

const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;

/// A frame of HTTP/2 of the connection itself.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, 0, 0, 0, 0, 0], payload].concat()
}

/// The next frame's kind, flags and payload.
async fn next(stream: &mut TcpStream) -> (u8, u8, Vec<u8>) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    stream.read_exact(&mut payload).await.unwrap();
    (head[3], head[4], payload)
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

#[tokio::test]
async fn windows_are_wide_and_pings_are_answered() {
    let served = serve(simple(), Options::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, &[])).await.unwrap();
    stream.write_all(&frame(PING, b"are you?")).await.unwrap();
    let mut settings = HashMap::new();
    // What every connection begins with.
    let (mut connection_window, mut answered) = (65_535, false);
    while !answered || connection_window == 65_535 {
        match next(&mut stream).await {
            (SETTINGS, 0, payload) => settings.extend(
                payload.chunks(6).map(|pair| (u16::from_be_bytes([pair[0], pair[1]]), number(&pair[2..]))),
            ),
            (WINDOW_UPDATE, _, payload) => connection_window += number(&payload),
            (PING, ACK, payload) => answered = payload == b"are you?",
            _ => {}
        }
    }
    let (stream_window, largest_frame) = (settings[&4], settings[&5]);
    assert_eq!((stream_window, connection_window, largest_frame), (8 << 20, 16 << 20, 1 << 20));
}
