// amp-async as a client behind the adapter protocol.
// SPDX-License-Identifier: Apache-2.0
use amp_async::{serve, Error, RequestSender};
use ampspec_adapter::client::{self, Call, Client, End, Events};
use ampspec_adapter::{Hello, Ordered};
use ampspec_amp_async::answer;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::{net::TcpStream, runtime::Runtime, sync::oneshot};

/// What calls go over, and what ends the connection when it is dropped.
struct Library(Runtime, Arc<Mutex<Option<RequestSender>>>, Option<oneshot::Sender<()>>);

async fn ended(call: &Call, sender: Option<RequestSender>) -> End {
    let Some(mut sender) = sender else { return End::Lost };
    let Ok(command) = String::from_utf8(call.command.clone()) else {
        return End::Refused("not UTF-8");
    };
    let fields = Ordered(call.fields.clone());
    if !call.ask {
        return sender.call_remote_noreply(command, fields).await.map_or(End::Lost, |_| End::Sent);
    }
    match sender.call_remote(command, fields).await {
        Ok(answer) => End::Answer(answer.into_iter().map(|(k, v)| (k, v.to_vec())).collect()),
        Err(Error::Remote { code, description }) => {
            let kind = if code == "UNHANDLED" { "unhandled" } else { "unknown" };
            End::Error(kind, code.to_vec(), description.to_vec())
        }
        Err(_) => End::Lost,
    }
}

impl Client for Library {
    fn connect(&mut self, to: SocketAddr, events: Events) {
        let Library(runtime, sender, stop) = self;
        let Ok(stream) = runtime.block_on(TcpStream::connect(to)) else { return events.closed() };
        let (input, output) = stream.into_split();
        let (mut handle, requests) = runtime.enter(|| serve(input, output));
        let (ours, (stopping, stopped)) = (handle.request_sender().unwrap(), oneshot::channel());
        (*sender, *stop) = (Arc::new(Mutex::new(handle.request_sender())), Some(stopping));
        events.connected();
        let calling = sender.clone();
        runtime.spawn(async move {
            tokio::select! { _ = answer(requests, ours, Default::default()) => {}, _ = stopped => {} }
            calling.lock().unwrap().take(); // who holds a sender keeps the writing half open
            events.closed();
            handle.shutdown();
            let _ = handle.join().await;
        });
    }
    fn call(&mut self, call: Call, events: Events) {
        let sender = self.1.lock().unwrap().clone();
        self.0.spawn(async move { events.ended(&call, ended(&call, sender).await) });
    }
    fn disconnect(&mut self) {
        self.2 = None;
    }
}

fn main() {
    let supports = &["amp1", "amp1.no-answer", "service.core"];
    let hello = Hello { name: "amp-async", version: "0.1.3", supports };
    client::serve(&hello, &mut Library(Runtime::new().unwrap(), Default::default(), None));
}
