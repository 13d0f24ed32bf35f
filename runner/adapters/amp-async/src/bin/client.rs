// amp-async as a client behind the adapter protocol.
// SPDX-License-Identifier: Apache-2.0
use amp_async::{serve, Error, RequestSender};
use ampspec_adapter::{hex, send, told, Request};
use ampspec_amp_async::{answer, Ordered};
use serde_json::{json, Value};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// The number of the connection whose events are told; those of earlier ones are not.
type Current = Arc<Mutex<u64>>;

fn event(current: &Current, connection: u64, event: Value) {
    let current = current.lock().unwrap();
    if *current == connection {
        send(&event);
    }
}

/// The connection: what calls over it, and what ends it when it is dropped.
#[derive(Default)]
struct Connection {
    sender: Arc<Mutex<Option<RequestSender>>>,
    stop: Option<oneshot::Sender<()>>,
}

/// Connects; the events of the connection, and what is answered over it, come from a task.
async fn connect(uri: &str, current: Current, number: u64) -> Connection {
    let address: SocketAddr = uri.trim_start_matches("tcp://").parse().unwrap();
    let Ok(stream) = TcpStream::connect(address).await else {
        event(&current, number, json!({"event": "closed"}));
        return Connection::default();
    };
    let (input, output) = stream.into_split();
    let (mut handle, requests) = serve(input, output);
    let (ours, sender) = (handle.request_sender().unwrap(), Arc::new(Mutex::new(None)));
    *sender.lock().unwrap() = handle.request_sender();
    let (theirs, (stop, stopped)) = (sender.clone(), oneshot::channel());
    event(&current, number, json!({"event": "connected"}));
    tokio::spawn(async move {
        tokio::select! { _ = answer(requests, ours, Default::default()) => {}, _ = stopped => {} }
        // Whoever holds a sender keeps the writing half open.
        theirs.lock().unwrap().take();
        event(&current, number, json!({"event": "closed"}));
        handle.shutdown();
        let _ = handle.join().await;
    });
    Connection { sender, stop: Some(stop) }
}

async fn call(request: &Request, sender: Option<RequestSender>) -> Value {
    let (Some(mut sender), fields) = (sender, Ordered(request.pairs("box"))) else {
        return json!({"how": "lost"});
    };
    let Ok(command) = String::from_utf8(request.octets(request.get("command"))) else {
        return json!({"how": "refused", "text": "a command's name is a String"});
    };
    if !request.get("ask").as_bool().unwrap_or(true) {
        let sent = sender.call_remote_noreply(command, fields).await.is_ok();
        return json!({"how": if sent { "sent" } else { "lost" }});
    }
    match sender.call_remote(command, fields).await {
        Ok(fields) => json!({"how": "answer", "box": told(fields)}),
        Err(Error::Remote { code, description }) => json!({"how": "error",
            "kind": if code == "UNHANDLED" { "unhandled" } else { "unknown" },
            "code": hex(code), "description": hex(description)}),
        Err(_) => json!({"how": "lost"}),
    }
}

fn main() {
    let mut builder = tokio::runtime::Builder::new();
    let mut runtime = builder.threaded_scheduler().core_threads(1).enable_all().build().unwrap();
    let (current, mut connection) = (Current::default(), Connection::default());
    let mut input = std::io::stdin().lock();
    while let Some(request) = Request::read(&mut input) {
        let op = request.word("op").to_owned();
        if op == "reset" || op == "connect" {
            *current.lock().unwrap() += 1;
            connection = Connection::default();
        }
        let number = *current.lock().unwrap();
        request.answer(match &op[..] {
            "hello" => json!({"ok": "ready", "name": "amp-async", "version": "0.1.3", "api": 1,
                "ops": ["hello", "connect", "call", "disconnect", "reset", "bye"],
                "supports": ["amp1", "amp1.no-answer", "service.core"]}),
            "connect" | "call" | "disconnect" | "reset" | "bye" => json!({"ok": true}),
            _ => json!({"unsupported": op}),
        });
        match &op[..] {
            "connect" => {
                connection = runtime.block_on(connect(request.word("uri"), current.clone(), number))
            }
            "call" => {
                let sender = connection.sender.lock().unwrap().clone();
                let current = current.clone();
                runtime.spawn(async move {
                    let mut ended = call(&request, sender).await;
                    ended["event"] = "ended".into();
                    ended["call"] = request.get("n").clone();
                    event(&current, number, ended);
                });
            }
            "disconnect" => drop(connection.stop.take()),
            "bye" => return,
            _ => {}
        }
    }
}
