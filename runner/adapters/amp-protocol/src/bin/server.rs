// The test service (docs/test-service.md, service.core) on amp-protocol as a server: `server PORT`.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{codec::AmpCodec, AmpBox, Answer, ErrorResponse, Message, Request};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::{cell::RefCell, rc::Rc};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

/// The code of an error; what there is to say of it stays here, and is no peer's business.
type Failure = &'static str;
/// How many calls were deferred under a name on connections that have ended since.
type Left = Rc<RefCell<HashMap<Vec<u8>, usize>>>;

#[derive(Deserialize)]
struct Sum {
    a: i64,
    b: i64,
}
#[derive(Serialize)]
struct Total {
    total: i64,
}
#[derive(Deserialize)]
struct Divide {
    numerator: i64,
    denominator: i64,
}
#[derive(Serialize)]
struct Quotient {
    quotient: i64,
}
#[derive(Deserialize, Serialize)]
struct Echo {
    data: serde_bytes::ByteBuf,
}
#[derive(Deserialize)]
struct Name {
    name: serde_bytes::ByteBuf,
}
#[derive(Deserialize, Serialize)]
struct AskBack {
    depth: i64,
}

fn read<'a, T: Deserialize<'a>>(arguments: &'a AmpBox) -> Result<T, Failure> {
    serde_amp::from_box(arguments).or(Err(ErrorResponse::UNKNOWN))
}

fn written(results: &impl Serialize) -> Result<Option<AmpBox>, Failure> {
    serde_amp::to_box(results).map(Some).or(Err(ErrorResponse::UNKNOWN))
}

/// What one connection keeps: calls that wait, the calls of our own by their tag, and what is to be sent.
#[derive(Default)]
struct Connection {
    deferred: HashMap<Vec<u8>, VecDeque<Option<Vec<u8>>>>,
    asked: HashMap<Vec<u8>, Option<Vec<u8>>>,
    tag: u64,
    out: Vec<Message>,
    over: bool,
}

impl Connection {
    fn reply(&mut self, ask: Option<Vec<u8>>, outcome: Result<AmpBox, Failure>) {
        let Some(ask) = ask else { return };
        self.out.push(match outcome {
            Ok(results) => Message::Answer(Answer::new(ask, results)),
            Err(code) => {
                self.over |= code == ErrorResponse::UNKNOWN;
                Message::Error(ErrorResponse::new(ask, code, ""))
            }
        });
    }

    /// The results of a command, or nothing yet.
    fn run(&mut self, request: &Request, left: &Left) -> Result<Option<AmpBox>, Failure> {
        let arguments = &request.arguments;
        match &request.command[..] {
            b"Sum" => read::<Sum>(arguments).and_then(|s| written(&Total { total: s.a + s.b })),
            b"Divide" => match read(arguments)? {
                Divide { denominator: 0, .. } => Err("ZERO_DIVISION"),
                Divide { numerator, denominator } => {
                    written(&Quotient { quotient: numerator / denominator })
                }
            },
            b"Echo" => written(&read::<Echo>(arguments)?),
            b"Defer" => {
                let name = read::<Name>(arguments)?.name.into_vec();
                self.deferred.entry(name).or_default().push_back(request.ask.clone());
                Ok(None)
            }
            b"Release" => {
                let name = read::<Name>(arguments)?.name.into_vec();
                if let Some(ask) = self.deferred.get_mut(&name).and_then(VecDeque::pop_front) {
                    self.reply(ask, Ok(AmpBox::new()));
                } else {
                    match left.borrow_mut().get_mut(&name) {
                        Some(calls) if *calls > 0 => *calls -= 1,
                        _ => return Err("NOT_DEFERRED"),
                    }
                }
                Ok(Some(AmpBox::new()))
            }
            b"Fail" => Err(ErrorResponse::UNKNOWN),
            b"AskBack" => match read(arguments)? {
                AskBack { depth: 0 } => written(&AskBack { depth: 0 }),
                AskBack { depth } => {
                    self.tag += 1;
                    let tag = format!("{:x}", self.tag).into_bytes();
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
    fn receive(&mut self, message: Message, left: &Left) -> Option<()> {
        match message {
            Message::Request(request) => match self.run(&request, left) {
                Ok(None) => {}
                Ok(Some(results)) => self.reply(request.ask, Ok(results)),
                Err(failure) => self.reply(request.ask, Err(failure)),
            },
            Message::Answer(answer) => {
                let ask = self.asked.remove(&answer.answer)?;
                let depth = read::<AskBack>(&answer.results).map(|told| told.depth + 1);
                let results = depth.and_then(|depth| written(&AskBack { depth }));
                self.reply(ask, results.map(Option::unwrap_or_default));
            }
            Message::Error(error) => {
                let ask = self.asked.remove(&error.error)?;
                self.reply(ask, Err(ErrorResponse::UNKNOWN));
            }
        }
        Some(())
    }
}

async fn serve(stream: TcpStream, left: Left) -> Result<(), amp_protocol::Error> {
    let mut boxes = Framed::new(stream, AmpCodec::with_limits(1 << 26, 1 << 20));
    let mut connection = Connection::default();
    while let Some(Ok(amp_box)) = boxes.next().await {
        let Ok(message) = Message::from_box(amp_box) else { break };
        if connection.receive(message, &left).is_none() {
            break;
        }
        for message in connection.out.drain(..) {
            boxes.send(message.into_box()?).await?;
        }
        if connection.over {
            break; // after an error that nobody declared
        }
    }
    for (name, calls) in connection.deferred {
        *left.borrow_mut().entry(name).or_default() += calls.len();
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0u16);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (tasks, left) = (tokio::task::LocalSet::new(), Left::default());
    tasks.block_on(&runtime, async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("listening tcp://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::task::spawn_local(serve(stream, left.clone()));
        }
    })
}
