//! HTTP listener that serves the metrics.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::MetricsError;
use super::figures::Figures;
use super::text::{self, text};
use super::totals::Totals;

/// Time that the head of a request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Listens on the address.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, MetricsError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| MetricsError::Listen { address, source })
}

/// Answers until the task is ended.
pub(super) async fn listen(listener: TcpListener, totals: Arc<Mutex<Totals>>) {
    loop {
        match listener.accept().await {
            // A task of its own: a scraper that sends nothing must not keep the others waiting.
            Ok((stream, _)) => drop(tokio::spawn(answer(stream, Arc::clone(&totals)))),
            // No descriptor is left, for example: a little later there may be one.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer(stream: TcpStream, totals: Arc<Mutex<Totals>>) {
    let service = service_fn(move |request: Request<Incoming>| {
        // The lock is held for a copy only: the recorder waits for it every second.
        let now = totals.lock().unwrap_or_else(PoisonError::into_inner).figures();
        async move { Ok::<_, Infallible>(response(&request, &now)) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        // A scraper that stays connected must not hold the run's end up.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever asked has gone: nothing is lost.
    let _ = served.await;
}

fn response(request: &Request<Incoming>, figures: &Figures) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    if matches!(request.uri().path(), "/" | "/metrics") {
        *response.body_mut() = Full::from(text(figures));
        let kind = hyper::header::HeaderValue::from_static(text::CONTENT_TYPE);
        response.headers_mut().insert(CONTENT_TYPE, kind);
    } else {
        *response.status_mut() = hyper::StatusCode::NOT_FOUND;
    }
    response
}
