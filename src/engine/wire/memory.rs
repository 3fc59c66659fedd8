//! A front door in memory, for unit tests on simulated time: written bytes can be read at the same instant.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Bytes that can be under way in either direction.
const BUFFER: usize = 1 << 20;
/// Folder of the paths that stand for doors in memory; no socket lies there.
const FOLDER: &str = "/memory";

thread_local! {
    static DOORS: RefCell<HashMap<PathBuf, UnboundedSender<Memory>>> = RefCell::default();
}

/// One end of a connection.
#[derive(Debug)]
pub struct Memory {
    stream: DuplexStream,
    reset: Arc<AtomicBool>,
}

impl Memory {
    /// Closes with a reset.
    pub(crate) fn reset(self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    fn is_reset(&self) -> bool {
        self.reset.load(Ordering::SeqCst)
    }
}

/// A door of this thread; closed on drop.
#[derive(Debug)]
pub(crate) struct Listener {
    path: PathBuf,
    incoming: UnboundedReceiver<Memory>,
}

impl Listener {
    /// Opens a new door.
    pub(crate) fn open() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = Path::new(FOLDER).join(NEXT.fetch_add(1, Ordering::SeqCst).to_string());
        let (door, incoming) = unbounded_channel();
        DOORS.with_borrow_mut(|doors| doors.insert(path.clone(), door));
        Self { path, incoming }
    }

    /// URL of the door, as in a stack's settings.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Waits for the next connection and returns the server's end.
    pub(crate) async fn accept(&mut self) -> Memory {
        self.incoming.recv().await.expect("the door is there")
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        DOORS.with_borrow_mut(|doors| doors.remove(&self.path));
    }
}

/// Connects to the door at `path`; `None` if the path is not one of doors in memory.
pub(super) fn connect(path: &Path) -> Option<io::Result<Memory>> {
    path.starts_with(FOLDER).then(|| {
        let (near, far) = tokio::io::duplex(BUFFER);
        let reset = Arc::<AtomicBool>::default();
        let ends = [near, far].map(|stream| Memory {
            stream,
            reset: Arc::clone(&reset),
        });
        let [near, far] = ends;
        let door = DOORS.with_borrow(|doors| doors.get(path).cloned());
        let taken = door.is_some_and(|door| door.send(far).is_ok());
        taken
            .then_some(near)
            .ok_or_else(|| io::ErrorKind::ConnectionRefused.into())
    })
}

impl AsyncRead for Memory {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() == before && self.is_reset() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_reset() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
