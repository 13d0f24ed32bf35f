// What a server with service.core needs besides its library: a port, calls that wait, and commands for one without types.
// SPDX-License-Identifier: Apache-2.0
use crate::Pairs;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

/// Listens on 127.0.0.1 at the port that is the program's first argument, and says so; not blocking.
pub fn listen() -> io::Result<TcpListener> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    println!("listening tcp://{}", listener.local_addr()?);
    Ok(listener)
}

/// How many calls of a name were deferred on connections that have ended since; one for all connections of a server.
pub type Left = Arc<Mutex<HashMap<Vec<u8>, usize>>>;

/// The calls of a connection that `Release` ends, by name; `T` is what an answer to one of them needs.
pub struct Deferred<T> {
    here: HashMap<Vec<u8>, VecDeque<T>>,
    left: Left,
}

impl<T> Deferred<T> {
    pub fn new(left: &Left) -> Self {
        Deferred { here: HashMap::new(), left: left.clone() }
    }

    pub fn hold(&mut self, name: &[u8], call: T) {
        self.here.entry(name.to_vec()).or_default().push_back(call);
    }

    /// The oldest call of that name, if its connection is there still, and what `Release` is to be answered.
    pub fn release<F: Default>(&mut self, name: &[u8]) -> (Option<T>, Answer<F>) {
        if let Some(call) = self.here.get_mut(name).and_then(VecDeque::pop_front) {
            return (Some(call), Ok(F::default()));
        }
        let mut left = self.left.lock().unwrap();
        match left.get_mut(name).filter(|calls| **calls > 0) {
            Some(calls) => *calls -= 1,
            None => return (None, Err(Some("NOT_DEFERRED"))),
        }
        (None, Ok(F::default()))
    }
}

impl<T> Drop for Deferred<T> {
    fn drop(&mut self) {
        for (name, calls) in self.here.drain() {
            *self.left.lock().unwrap().entry(name).or_default() += calls.len();
        }
    }
}

/// What a command gives, or the code of its error; without one the error is one that nobody declared.
pub type Answer<T = Pairs> = Result<T, Option<&'static str>>;

/// The Integer in these octets.
pub fn number(octets: Option<impl AsRef<[u8]>>) -> Answer<i64> {
    let digits = octets.and_then(|octets| String::from_utf8(octets.as_ref().to_vec()).ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or(None)
}

pub fn numbered(name: &str, value: i64) -> Pairs {
    vec![(name.into(), value.to_string().into())]
}

/// Sum, Divide, Echo and Fail, for a library whose users read and write octets.
pub fn plain<T: AsRef<[u8]>>(command: &[u8], field: impl Fn(&str) -> Option<T>) -> Answer {
    match command {
        b"Sum" => Ok(numbered("total", number(field("a"))? + number(field("b"))?)),
        b"Divide" => match (number(field("numerator"))?, number(field("denominator"))?) {
            (_, 0) => Err(Some("ZERO_DIVISION")),
            (numerator, denominator) => Ok(numbered("quotient", numerator / denominator)),
        },
        b"Echo" => Ok(vec![("data".into(), field("data").ok_or(None)?.as_ref().to_vec())]),
        b"Defer" | b"Release" | b"Fail" => Err(None),
        _ => Err(Some("UNHANDLED")),
    }
}
