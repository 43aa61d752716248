//! Connections: accepting, bounding and draining them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::protect::auth::SecretError;
use super::protect::protected;
use super::{Config, Secret, Site, routes};
use crate::app::App;

/// Connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 512;

/// The head of a request comes within this time, and so does the next request of a connection.
const HEAD_TIME: Duration = Duration::from_secs(20);

/// Bytes of a head after which no more of it is read; as much again may have been read by then. A query of
/// 2,000 Hangul syllables takes 18,000.
const HEAD_BYTES: usize = 64 << 10;

/// Headers of a request at most.
const MAX_HEADERS: usize = 64;

/// How long requests may go on after the first signal to stop.
const DRAINING: Duration = Duration::from_secs(30);

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The address is not this machine's own, and everybody would be let in.
    #[error("{0} can be reached from other machines")]
    NeedsSecret(SocketAddr),
    /// No threads.
    #[error("cannot start: {0}")]
    Start(io::Error),
    /// The token or the password.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A template that is compiled in does not compile.
    #[error("templates: {0}")]
    Template(#[from] minijinja::Error),
}

/// A server that listens and does not answer yet.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    site: Arc<Site>,
    address: SocketAddr,
}

impl Server {
    /// Listens on `address`.
    ///
    /// # Errors
    /// When that is refused, or when it needs a secret and `config` has none.
    pub fn bind(app: App, address: SocketAddr, config: Config) -> Result<Server, ServeError> {
        if !address.ip().is_loopback() && config.secret == Secret::Open {
            return Err(ServeError::NeedsSecret(address));
        }
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(ServeError::Start)?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(|e| ServeError::Listen(address, e))?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        let site = Arc::new(Site::new(app, address, config)?);
        Ok(Server {
            runtime,
            listener,
            site,
            address,
        })
    }

    /// Where it listens: with the port that the system chose when port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until SIGTERM or Ctrl-C: the first signal lets requests end, the second
    /// does not.
    pub fn run(self) {
        let Server {
            runtime,
            listener,
            site,
            ..
        } = self;
        runtime.block_on(serve(&listener, site));
        // Do not wait for running searches: they write nothing.
        runtime.shutdown_timeout(Duration::from_millis(200));
    }
}

async fn serve(listener: &TcpListener, site: Arc<Site>) {
    let router = protected(routes::router(), Arc::clone(&site));
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .max_headers(MAX_HEADERS);
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(_) => {
                // Out of file descriptors, or a connection that ended before it began.
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = router.clone().layer(Extension(ConnectInfo(peer)));
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // What goes wrong on a connection is the client's business.
            let _ = connection.await;
            drop(place);
        });
    }
    site.jobs.close();
    let drained = async {
        graceful.shutdown().await;
        site.jobs.closed().await;
    };
    tokio::select! {
        _ = timeout(DRAINING, drained) => {}
        () = stop_signal() => {}
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(
    tokio::net::TcpStream,
    SocketAddr,
    tokio::sync::OwnedSemaphorePermit,
)> {
    let place = Arc::clone(connections)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, place))
}

/// Ends at Ctrl-C, or at the signal that service managers send.
async fn stop_signal() {
    let interrupt = async {
        // Without a handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
