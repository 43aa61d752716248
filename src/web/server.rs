//! Accepts, bounds and drains connections.

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

/// Maximum number of open connections; further ones wait in the listen backlog.
const MAX_CONNECTIONS: usize = 512;

/// Time limit for receiving the headers of a request, and for the next request on a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);

/// Soft limit for the headers of a request: hyper stops reading after it, but may have read up to
/// twice as much. A query of 2,000 Hangul syllables takes 18,000 bytes in a URL.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// Maximum number of headers in a request.
const MAX_HEADERS: usize = 64;

/// How long requests may continue after the first stop signal.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Binding to the address failed.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The address is not a loopback address, and no token or password is configured.
    #[error("{0} can be reached from other machines")]
    NeedsSecret(SocketAddr),
    /// The runtime or its threads could not be started.
    #[error("cannot start: {0}")]
    Start(io::Error),
    /// The token or password could not be set up.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// An embedded template does not compile, which is a bug.
    #[error("templates: {0}")]
    Template(#[from] minijinja::Error),
}

/// A server that is bound to its address; call [`Server::run`] to serve.
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
    /// When binding fails, or when `address` is not a loopback address and `config` has no secret.
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

    /// The bound address, with the actual port if port 0 was requested.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or Ctrl-C. The first signal lets running requests finish (for at most 30 s),
    /// the second ends them.
    pub fn run(self) {
        let Server {
            runtime,
            listener,
            site,
            ..
        } = self;
        runtime.block_on(serve(&listener, site));
        // Running searches can be abandoned: they write nothing.
        runtime.shutdown_timeout(Duration::from_millis(200));
    }
}

async fn serve(listener: &TcpListener, site: Arc<Site>) {
    let router = protected(routes::router(), Arc::clone(&site));
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADERS);
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(_) => {
                // Out of file descriptors, or the connection was reset before it was accepted.
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = router.clone().layer(Extension(ConnectInfo(peer)));
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Connection errors concern the client only.
            let _ = connection.await;
            drop(permit);
        });
    }
    site.jobs.close();
    let drained = async {
        graceful.shutdown().await;
        site.jobs.closed().await;
    };
    tokio::select! {
        _ = timeout(DRAIN_TIMEOUT, drained) => {}
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
    let permit = Arc::clone(connections)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

/// Completes on Ctrl-C or SIGTERM.
async fn stop_signal() {
    let interrupt = async {
        // No handler could be installed: never completes.
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
