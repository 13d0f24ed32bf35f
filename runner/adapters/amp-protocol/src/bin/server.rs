// service.core on amp-protocol as a server, `server PORT`. The library has no connections: what one keeps is in `typed`.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{codec::AmpCodec, AmpBox, Answer, Error, ErrorResponse, Message, Request};
use ampspec_adapter::service::{listen, Left};
use ampspec_adapter::typed::{self, Conversation, Said};
use futures_util::{SinkExt, StreamExt};
use serde::{de::DeserializeOwned, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;

struct Library;

impl typed::Library for Library {
    type Fields = AmpBox;
    fn read<T: DeserializeOwned>(fields: &AmpBox) -> Option<T> {
        serde_amp::from_box(fields).ok()
    }
    fn written(record: &impl Serialize) -> Option<AmpBox> {
        serde_amp::to_box(record).ok()
    }
}

fn said(message: Message) -> Said<AmpBox> {
    match message {
        Message::Request(asked) => Said::Request(asked.command, asked.ask, asked.arguments),
        Message::Answer(told) => Said::Answer(told.answer, told.results),
        Message::Error(told) => Said::Error(told.error, ErrorResponse::UNKNOWN),
    }
}

fn message(said: Said<AmpBox>) -> Message {
    match said {
        Said::Request(command, ask, arguments) => {
            Message::Request(Request { command, ask, arguments })
        }
        Said::Answer(answer, results) => Message::Answer(Answer { answer, results }),
        Said::Error(tag, code) => Message::Error(ErrorResponse::new(tag, code, "")),
    }
}

async fn serve(stream: TcpStream, left: Left) -> Result<(), Error> {
    // The limits are the application's to set; the protocol knows none.
    let mut boxes = Framed::new(stream, AmpCodec::with_limits(1 << 26, 1 << 20));
    let mut conversation = Conversation::<Library>::new(&left);
    while let Some(Ok(amp_box)) = boxes.next().await {
        let Ok(heard) = Message::from_box(amp_box) else { break };
        let (answers, over) = conversation.hear(said(heard));
        for answer in answers {
            boxes.send(message(answer).into_box()?).await?;
        }
        if over {
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
