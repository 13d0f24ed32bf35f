// service.core on amp-protocol as a server, `server PORT`; the library has no connections, so what one does stands here.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{codec::AmpCodec, AmpBox, Answer, Error, ErrorResponse, Message, Request};
use ampspec_adapter::service::{listen, Deferred, Left};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::HashMap;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

macro_rules! records {
    ($($name:ident { $($field:ident: $type:ty),* })*) => {$(
        #[derive(Deserialize, Serialize)]
        struct $name { $($field: $type),* }
    )*}
}
records! {
    Sum { a: i64, b: i64 }  Total { total: i64 }
    Divide { numerator: i64, denominator: i64 }  Quotient { quotient: i64 }
    Echo { data: ByteBuf }  Name { name: ByteBuf }  AskBack { depth: i64 }
}

/// The results of a command, nothing yet, or the code of its error; what there is to say of it is no peer's business.
type Outcome = Result<Option<AmpBox>, &'static str>;
/// Who is to be answered: a tag, or nobody.
type Ask = Option<Vec<u8>>;

fn read<'a, T: Deserialize<'a>>(arguments: &'a AmpBox) -> Result<T, &'static str> {
    serde_amp::from_box(arguments).or(Err(ErrorResponse::UNKNOWN))
}

fn written(results: &impl Serialize) -> Outcome {
    serde_amp::to_box(results).map(Some).or(Err(ErrorResponse::UNKNOWN))
}

struct Connection {
    deferred: Deferred<Ask>,
    asked: HashMap<Vec<u8>, Ask>, // by the tags of our own calls
    tags: std::ops::RangeFrom<u64>,
    out: Vec<Message>,
    over: bool,
}

impl Connection {
    fn reply(&mut self, ask: Ask, outcome: Outcome) {
        let Some(ask) = ask else { return };
        match outcome {
            Ok(None) => {}
            Ok(Some(results)) => self.out.push(Message::Answer(Answer::new(ask, results))),
            Err(code) => {
                self.over |= code == ErrorResponse::UNKNOWN; // an error that nobody declared
                self.out.push(Message::Error(ErrorResponse::new(ask, code, "")));
            }
        }
    }

    fn run(&mut self, request: &Request) -> Outcome {
        let arguments = &request.arguments;
        match &request.command[..] {
            b"Sum" => read(arguments).and_then(|Sum { a, b }| written(&Total { total: a + b })),
            b"Divide" => match read(arguments)? {
                Divide { denominator: 0, .. } => Err("ZERO_DIVISION"),
                Divide { numerator, denominator } => {
                    written(&Quotient { quotient: numerator / denominator })
                }
            },
            b"Echo" => written(&read::<Echo>(arguments)?),
            b"Defer" => {
                self.deferred.hold(&read::<Name>(arguments)?.name, request.ask.clone());
                Ok(None)
            }
            b"Release" => match self.deferred.release(&read::<Name>(arguments)?.name) {
                None => Err("NOT_DEFERRED"),
                Some(waiting) => {
                    self.reply(waiting.flatten(), Ok(Some(AmpBox::new())));
                    Ok(Some(AmpBox::new()))
                }
            },
            b"Fail" => Err(ErrorResponse::UNKNOWN),
            b"AskBack" => match read(arguments)? {
                AskBack { depth: 0 } => written(&AskBack { depth: 0 }),
                AskBack { depth } => {
                    let tag = self.tags.next().unwrap_or_default().to_string().into_bytes();
                    let less = written(&AskBack { depth: depth - 1 })?.unwrap_or_default();
                    self.asked.insert(tag.clone(), request.ask.clone());
                    self.out.push(Message::Request(Request::new("AskBack", less).with_ask(tag)));
                    Ok(None)
                }
            },
            _ => Err(ErrorResponse::UNHANDLED),
        }
    }

    /// Answers a box; an answer to no call of ours ends the connection.
    fn receive(&mut self, message: Message) -> Option<()> {
        let (ask, outcome) = match message {
            Message::Request(request) => (request.ask.clone(), self.run(&request)),
            Message::Answer(told) => (
                self.asked.remove(&told.answer)?,
                read(&told.results)
                    .and_then(|AskBack { depth }| written(&AskBack { depth: depth + 1 })),
            ),
            Message::Error(told) => (self.asked.remove(&told.error)?, Err(ErrorResponse::UNKNOWN)),
        };
        self.reply(ask, outcome);
        Some(())
    }
}

async fn serve(stream: TcpStream, left: Left) -> Result<(), Error> {
    let mut boxes = Framed::new(stream, AmpCodec::with_limits(1 << 26, 1 << 20));
    let (deferred, asked, out) = (Deferred::new(&left), HashMap::new(), Vec::new());
    let mut connection = Connection { deferred, asked, tags: 1.., out, over: false };
    while let Some(Ok(amp_box)) = boxes.next().await {
        let Ok(message) = Message::from_box(amp_box) else { break };
        if connection.receive(message).is_none() {
            break;
        }
        for message in connection.out.drain(..) {
            boxes.send(message.into_box()?).await?;
        }
        if connection.over {
            break;
        }
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let (listener, left) = (TcpListener::from_std(listen()?)?, Left::default());
        loop {
            tokio::spawn(serve(listener.accept().await?.0, left.clone()));
        }
    })
}
