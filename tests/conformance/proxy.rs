//! A bad network between a client and a server: slow, broken, or silent in the middle of a connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How soon a thread sees that it is to end, or that the silence is over.
const GLANCE: Duration = Duration::from_millis(10);

/// Listens until dropped.
pub struct Proxy {
    address: SocketAddr,
    mood: Arc<Mood>,
    door: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Default)]
struct Mood {
    ended: AtomicBool,
    /// Nothing passes, and nobody is told: the connections are half open.
    silent: AtomicBool,
    /// Added to each piece that passes.
    delay_millis: AtomicU64,
    connections: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A way to this port of this machine.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let mood = Arc::new(Mood::default());
        let shared = mood.clone();
        let door = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                // A server that is not there is a connection that ends at once.
                let _ = connect(client, port, &shared);
            }
        });
        Self {
            address,
            mood,
            door: Some(door),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection there is.
    pub fn cut(&self) {
        for stream in self
            .mood
            .connections
            .lock()
            .expect("not poisoned")
            .drain(..)
        {
            let _ = stream.shutdown(Shutdown::Both); // it may be over already
        }
    }

    /// Lets nothing pass from now on, or everything again.
    pub fn set_silent(&self, silent: bool) {
        self.mood.silent.store(silent, Ordering::Relaxed);
    }

    /// Makes each piece that passes so much later.
    pub fn set_delay(&self, millis: u64) {
        self.mood.delay_millis.store(millis, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.mood.ended.store(true, Ordering::Relaxed);
        self.cut();
        let _ = TcpStream::connect(self.address); // wakes the door
        if let Some(door) = self.door.take() {
            let _ = door.join();
        }
    }
}

fn connect(client: TcpStream, port: u16, mood: &Arc<Mood>) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    let mut connections = mood.connections.lock().expect("not poisoned");
    connections.extend([client.try_clone()?, server.try_clone()?]);
    drop(connections);
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let mood = mood.clone();
        // Ends with either end of the connection, all of which end with the proxy.
        thread::spawn(move || carry(from, to, &mood));
    }
    Ok(())
}

fn carry(mut from: TcpStream, mut to: TcpStream, mood: &Mood) {
    let mut piece = [0; 16 * 1024];
    loop {
        let count = match from.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        thread::sleep(Duration::from_millis(
            mood.delay_millis.load(Ordering::Relaxed),
        ));
        while mood.silent.load(Ordering::Relaxed) && !mood.ended.load(Ordering::Relaxed) {
            thread::sleep(GLANCE);
        }
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
