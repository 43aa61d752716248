//! A scripted server, for failures that a healthy cluster does not produce on demand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What is sent back.
pub enum Reply {
    /// A status and a body of JSON.
    Json(u16, String),
    /// The connection is closed without an answer.
    Hangup,
    /// Nothing is sent until the client gives up.
    Silence,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: String,
}

type Answer = dyn Fn(&Received, usize) -> Reply + Send + Sync;

/// A server on a free port of this machine; its threads end with the process.
pub struct Stub {
    pub host: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Stub {
    /// Answers every request by `answer`, which also gets its number.
    pub fn start(answer: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Stub {
        Stub::start_over(Some, answer)
    }

    /// The same over TLS, with a certificate for `localhost` and 127.0.0.1 of the authority in `tls/ca.pem`.
    pub fn start_tls(answer: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Stub {
        let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let config = Arc::new(config);
        let secured = move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(StreamOwned::new(connection, stream))
        };
        Stub::start_over(secured, answer)
    }

    fn start_over<S: Read + Write>(
        secured: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
        answer: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static,
    ) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let all = Arc::clone(&received);
        let answer: Arc<Answer> = Arc::new(answer);
        let secured = Arc::new(secured);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                let secured = Arc::clone(&secured);
                thread::spawn(move || {
                    if let Some(stream) = secured(stream) {
                        serve(stream, &all, &*answer);
                    }
                });
            }
        });
        Stub { host, received }
    }

    pub fn address(&self, index: &str) -> String {
        format!("opensearch+http://{}/{index}", self.host)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(stream: impl Read + Write, all: &Mutex<Vec<Received>>, answer: &Answer) {
    let mut reader = BufReader::new(stream);
    loop {
        let Some(request) = read(&mut reader) else {
            return;
        };
        let number = {
            let mut all = all.lock().unwrap();
            all.push(request.clone());
            all.len() - 1
        };
        match answer(&request, number) {
            Reply::Json(status, body) => {
                let head = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let stream = reader.get_mut();
                let written = stream.write_all((head + &body).as_bytes());
                if written.and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
            Reply::Hangup => return,
            Reply::Silence => {
                // Until the client closes the connection.
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        method,
        path,
        authorization,
        body: String::from_utf8(body).ok()?,
    })
}
