//! A server that answers by script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::timer;
use crate::wire::memory::{Listener, Memory};

/// Next action of the server on a connection.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Reads a whole request.
    Read,
    /// Writes this text.
    Write(String),
    /// Writes these bytes.
    Bytes(Vec<u8>),
    /// Writes that many million bytes.
    Megabytes(usize),
    /// Does nothing for so many milliseconds.
    Wait(u64),
    /// Neither writes nor closes any more.
    Hang,
    /// Closes with a reset.
    Reset,
}

/// A whole answer.
pub(super) fn answer(status: u16, content_type: &str, body: &str) -> Act {
    let length = body.len();
    Act::Write(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

pub(super) fn json(body: &str) -> Act {
    answer(200, "application/json", body)
}

/// A whole answer with that body and content encoding.
pub(super) fn encoded(encoding: &str, body: &[u8]) -> Act {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n");
    Act::Bytes([head.as_bytes(), body].concat())
}

/// A redirect.
pub(super) fn redirect(status: u16, location: &str) -> Act {
    Act::Write(format!(
        "HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 5\r\n\r\nmoved"
    ))
}

pub(super) fn write(text: &str) -> Act {
    Act::Write(text.to_owned())
}

/// The server's end of a connection.
pub(super) trait Peer: AsyncRead + AsyncWrite + Unpin {
    fn reset(self);
    async fn wait(length: Duration);
}

impl Peer for TcpStream {
    fn reset(self) {
        #[expect(deprecated, reason = "a linger of zero does not block: it is how a socket is reset")]
        self.set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn wait(length: Duration) {
        tokio::time::sleep(length).await;
    }
}

impl Peer for Memory {
    fn reset(self) {
        Self::reset(self);
    }

    async fn wait(length: Duration) {
        timer::sleep_until(timer::now() + length).await;
    }
}

pub(super) type Seen = Arc<Mutex<Vec<String>>>;

pub(super) async fn read_request(stream: &mut (impl AsyncRead + Unpin), seen: &Seen) -> bool {
    let mut text = Vec::new();
    let mut byte = [0];
    loop {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return false;
        }
        text.push(byte[0]);
        let head = String::from_utf8_lossy(&text);
        let Some((head, body)) = head.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.map_or(0, |length| length.parse().unwrap()) {
            break;
        }
    }
    seen.lock().unwrap().push(String::from_utf8(text).unwrap());
    true
}

pub(super) async fn act<P: Peer>(mut stream: P, acts: Vec<Act>, seen: Seen) {
    for act in acts {
        match act {
            Act::Read if !read_request(&mut stream, &seen).await => return,
            Act::Read => {}
            // Some tests have clients that give up half-way.
            Act::Write(text) => drop(stream.write_all(text.as_bytes()).await),
            Act::Bytes(bytes) => drop(stream.write_all(&bytes).await),
            Act::Megabytes(count) => {
                for _ in 0..count {
                    drop(stream.write_all(&vec![b'x'; 1_000_000]).await);
                }
            }
            Act::Wait(millis) => P::wait(Duration::from_millis(millis)).await,
            Act::Hang => std::future::pending().await,
            Act::Reset => return stream.reset(),
        }
    }
}

/// A server that plays one script for each connection, in order, and refuses further ones.
pub(super) async fn serve(scripts: Vec<Vec<Act>>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let requests = Arc::clone(&seen);
    tokio::spawn(async move {
        for acts in scripts {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(act(stream, acts, Arc::clone(&requests)));
        }
    });
    (address, seen)
}

/// The same in memory, for simulated time.
pub(super) fn serve_in_memory(scripts: Vec<Vec<Act>>) -> (String, Seen) {
    let mut listener = Listener::open();
    let address = listener.url();
    let seen = Seen::default();
    let requests = Arc::clone(&seen);
    tokio::task::spawn_local(async move {
        for acts in scripts {
            let stream = listener.accept().await;
            tokio::task::spawn_local(act(stream, acts, Arc::clone(&requests)));
        }
    });
    (address, seen)
}
