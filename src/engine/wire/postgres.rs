//! A connection to PostgreSQL, over TLS if the server offers it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config, Error, NoTls, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{InvalidDnsNameError, ServerName};

use super::{TlsSettings, WireError, client_config};

/// ALPN name of PostgreSQL's protocol, for servers from which TLS is requested directly.
const PROTOCOL: &[u8] = b"postgresql";

/// A connection that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server, or the way to it.
    #[error(transparent)]
    Database(#[from] Error),
    /// TLS could not be prepared.
    #[error(transparent)]
    Tls(#[from] WireError),
}

impl OpenError {
    /// True if the server itself turns the log-in away: it knows no such user, password or database.
    pub fn is_refusal(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.code().is_some_and(|code| {
            [INVALID_AUTHORIZATION, INVALID_CATALOG]
                .iter()
                .any(|class| code.code().starts_with(class))
        })
    }

    /// True if statements failed because others changed the same thing at the same time. Run again, they may pass.
    pub fn is_conflict(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.as_db_error().is_some_and(|error| {
            // `tuple concurrently updated`, for two sessions that change one row of a catalog, has no code of its own.
            let code = error.code();
            let conflicts = [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED];
            conflicts.contains(&code) || (*code == SqlState::INTERNAL_ERROR && error.message().contains("concurrently"))
        })
    }
}

/// Classes of error codes, as in appendix A of PostgreSQL's documentation.
const INVALID_AUTHORIZATION: &str = "28";
const INVALID_CATALOG: &str = "3D";

/// Connects as the string's `sslmode` says. With `prefer`, its default, an untrusted certificate leads to a connection without
/// TLS, as with `psql`. With `require` the certificate must be trusted like that of the front door.
pub async fn open(dsn: &str, tls: &TlsSettings) -> Result<Client, OpenError> {
    let config: Config = dsn.parse()?;
    Ok(match (config.get_ssl_mode(), encrypted(tls)) {
        (SslMode::Prefer, Ok(encrypted)) => match secured(&config, encrypted).await {
            // A refusal by the server itself would only be repeated.
            Err(error) if error.as_db_error().is_none() => plain(&config).await?,
            connected => connected?,
        },
        (SslMode::Disable, _) | (SslMode::Prefer, Err(_)) => plain(&config).await?,
        (_, encrypted) => secured(&config, encrypted?).await?,
    })
}

/// Message of the server's error, or of the error itself if it is not the server's. It never holds the connection string.
pub fn message(error: &Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

// A connection ends when its client is dropped; an error of it shows at the client's next statement.

async fn plain(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn secured(config: &Config, encrypted: TlsMaker) -> Result<Client, Error> {
    let (client, connection) = config.connect(encrypted).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn encrypted(settings: &TlsSettings) -> Result<TlsMaker, WireError> {
    let mut config = client_config(settings)?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(TlsMaker(TlsConnector::from(Arc::new(config))))
}

/// Speaks TLS with any host.
#[derive(Clone)]
struct TlsMaker(TlsConnector);

/// Speaks TLS with one host.
struct HostTls(TlsConnector, ServerName<'static>);

/// Stream of an encrypted connection.
struct EncryptedStream(Box<tokio_rustls::client::TlsStream<Socket>>);

impl MakeTlsConnect<Socket> for TlsMaker {
    type Stream = EncryptedStream;
    type TlsConnect = HostTls;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<HostTls, InvalidDnsNameError> {
        Ok(HostTls(self.0.clone(), ServerName::try_from(host.to_owned())?))
    }
}

impl TlsConnect<Socket> for HostTls {
    type Stream = EncryptedStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<EncryptedStream, io::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let stream = self.0.connect(self.1, socket).await?;
            Ok(EncryptedStream(Box::new(stream)))
        })
    }
}

impl TlsStream for EncryptedStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for EncryptedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for EncryptedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
