// The client's part of the adapter protocol: a loop that hands calls to a library, and the events that come of them.
// SPDX-License-Identifier: Apache-2.0
use crate::{hex, send, told, Hello, Pairs, Request};
use serde_json::{json, Value};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// A call that the runner wants made; its number tells its end apart.
pub struct Call {
    number: u64,
    pub command: Vec<u8>,
    pub fields: Pairs,
    pub ask: bool,
}

/// How a call ended.
pub enum End {
    Answer(Pairs),
    /// An error that came: its kind (`declared`, `unhandled`, `unknown`), code and description.
    Error(&'static str, Vec<u8>, Vec<u8>),
    /// The connection ended before the answer.
    Lost,
    /// By the library, and nothing was sent.
    Refused(&'static str),
    /// No answer was asked.
    Sent,
}

/// Tells what becomes of one connection; of one that was reset, or that another came after, it tells nothing.
#[derive(Clone)]
pub struct Events {
    current: Arc<Mutex<u64>>,
    connection: u64,
}

impl Events {
    fn tell(&self, event: Value) {
        let current = self.current.lock().unwrap();
        if *current == self.connection {
            send(&event);
        }
    }

    pub fn connected(&self) {
        self.tell(json!({"event": "connected"}));
    }

    pub fn closed(&self) {
        self.tell(json!({"event": "closed"}));
    }

    pub fn ended(&self, call: &Call, end: End) {
        let mut event = match end {
            End::Answer(pairs) => json!({"how": "answer", "box": told(pairs)}),
            End::Error(kind, code, text) => {
                json!({"how": "error", "kind": kind, "code": hex(code), "description": hex(text)})
            }
            End::Lost => json!({"how": "lost"}),
            End::Refused(text) => json!({"how": "refused", "text": text}),
            End::Sent => json!({"how": "sent"}),
        };
        event["event"] = "ended".into();
        event["call"] = call.number.into();
        self.tell(event);
    }
}

/// A library's client with at most one connection.
pub trait Client {
    /// Connects, and tells it; when it returns calls can be made, or `closed` was told.
    fn connect(&mut self, to: SocketAddr, events: Events);
    /// Begins a call, and does not wait for its end.
    fn call(&mut self, call: Call, events: Events);
    /// Closes the connection, if there is one.
    fn disconnect(&mut self);
}

/// Does what the runner asks until it has gone. Each operation is answered before the library sees it.
pub fn serve(hello: &Hello, client: &mut impl Client) {
    let events = Arc::new(Mutex::new(0));
    let mut input = io::stdin().lock();
    while let Some(request) = Request::read(&mut input) {
        let op = request.word("op").to_owned();
        if op == "reset" || op == "connect" {
            *events.lock().unwrap() += 1;
            client.disconnect();
        }
        request.answer(match &op[..] {
            "hello" => hello.told(["connect", "call", "disconnect"]),
            "connect" | "call" | "disconnect" | "reset" | "bye" => json!({"ok": true}),
            _ => json!({"unsupported": op}),
        });
        let events = Events { connection: *events.lock().unwrap(), current: events.clone() };
        match &op[..] {
            "connect" => {
                let address = request.word("uri").trim_start_matches("tcp://");
                client.connect(address.parse().unwrap(), events);
            }
            "call" => {
                let call = Call {
                    number: request.get("n").as_u64().unwrap(),
                    command: request.octets(request.get("command")),
                    fields: request.pairs("box"),
                    ask: request.get("ask").as_bool().unwrap_or(true),
                };
                client.call(call, events);
            }
            "disconnect" => client.disconnect(),
            "bye" => return,
            _ => {}
        }
    }
}
