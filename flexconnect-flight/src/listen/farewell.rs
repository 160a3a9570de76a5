//! The last words to a client that is not served.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A client may take this long to hear them.
const LONGEST: Duration = Duration::from_secs(1);

/// Says this as an answer of HTTP/1, and parts.
pub(super) async fn tell(stream: &mut TcpStream, words: &str) {
    let length = words.len() + 1;
    let head = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain";
    let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{words}\n");
    let said = timeout(LONGEST, stream.write_all(answer.as_bytes())).await;
    if matches!(said, Ok(Ok(()))) {
        part(stream).await;
    }
}

/// Waits for a moment until what was said is heard: what is still to be read would reset the connection, and the words
/// with it.
pub(super) async fn part(stream: &mut TcpStream) {
    let heard = async {
        let mut rest = [0; 1024];
        stream.shutdown().await?;
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    if let Ok(Err(error)) = timeout(LONGEST, heard).await {
        tracing::debug!(%error, "a client has gone before it was told why");
    }
}
