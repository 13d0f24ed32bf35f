// service.core for a library whose users read and write boxes by serde, and that has no connections: what one keeps is here.
// SPDX-License-Identifier: Apache-2.0
use crate::service::{Answer, Deferred, Left};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::HashMap;

/// How the library reads arguments and results, and writes them; nothing where it refuses.
pub trait Library {
    type Fields: Default;
    fn read<T: DeserializeOwned>(fields: &Self::Fields) -> Option<T>;
    fn written(record: &impl Serialize) -> Option<Self::Fields>;
}

/// A tag, or nothing if no answer is asked.
pub type Ask = Option<Vec<u8>>;

/// A box of a conversation, whichever side says it.
pub enum Said<F> {
    Request(Vec<u8>, Ask, F),
    Answer(Vec<u8>, F),
    /// The tag and the code.
    Error(Vec<u8>, &'static str),
}

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

/// One side of a connection, the one that is asked first.
pub struct Conversation<L: Library> {
    deferred: Deferred<Ask>,
    asked: HashMap<Vec<u8>, Ask>, // by the tags of our own calls
    tags: std::ops::RangeFrom<u64>,
    out: Vec<Said<L::Fields>>,
    over: bool,
}

impl<L: Library> Conversation<L> {
    pub fn new(left: &Left) -> Self {
        let (deferred, asked, out) = (Deferred::new(left), HashMap::new(), Vec::new());
        Conversation { deferred, asked, tags: 1.., out, over: false }
    }

    /// What is to be sent, and whether the connection ends then: after an error that nobody declared, and after an answer to
    /// no call of ours.
    pub fn hear(&mut self, said: Said<L::Fields>) -> (Vec<Said<L::Fields>>, bool) {
        match said {
            Said::Request(command, ask, fields) => {
                let outcome = self.run(&command, &ask, &fields);
                self.reply(ask, outcome.transpose());
            }
            Said::Answer(tag, fields) => {
                let more = |AskBack { depth }| write::<L>(&AskBack { depth: depth + 1 });
                self.ended(tag, read::<L, _>(&fields).and_then(more));
            }
            Said::Error(tag, _) => self.ended(tag, Err(None)),
        }
        (std::mem::take(&mut self.out), self.over)
    }

    fn reply(&mut self, ask: Ask, answer: Option<Answer<L::Fields>>) {
        let (Some(ask), Some(answer)) = (ask, answer) else { return };
        self.over |= matches!(answer, Err(None));
        self.out.push(match answer {
            Ok(results) => Said::Answer(ask, results),
            Err(code) => Said::Error(ask, code.unwrap_or("UNKNOWN")),
        });
    }

    /// A call of ours ended; its asker is answered.
    fn ended(&mut self, tag: Vec<u8>, answer: Answer<L::Fields>) {
        match self.asked.remove(&tag) {
            Some(ask) => self.reply(ask, Some(answer)),
            None => self.over = true,
        }
    }

    /// The results of a command, or nothing yet.
    fn run(&mut self, command: &[u8], ask: &Ask, fields: &L::Fields) -> Answer<Option<L::Fields>> {
        let results = match command {
            b"Sum" => {
                read::<L, _>(fields).map(|Sum { a, b }| write::<L>(&Total { total: a + b }))?
            }
            b"Divide" => match read::<L, _>(fields)? {
                Divide { denominator: 0, .. } => Err(Some("ZERO_DIVISION")),
                Divide { numerator, denominator } => {
                    write::<L>(&Quotient { quotient: numerator / denominator })
                }
            },
            b"Echo" => write::<L>(&read::<L, Echo>(fields)?),
            b"Defer" => {
                self.deferred.hold(&read::<L, Name>(fields)?.name, ask.clone());
                return Ok(None);
            }
            b"Release" => {
                let (waiting, results) = self.deferred.release(&read::<L, Name>(fields)?.name);
                self.reply(waiting.flatten(), Some(Ok(Default::default())));
                results
            }
            b"Fail" => Err(None),
            b"AskBack" => match read::<L, _>(fields)? {
                AskBack { depth: 0 } => write::<L>(&AskBack { depth: 0 }),
                AskBack { depth } => {
                    let tag = self.tags.next().unwrap_or_default().to_string().into_bytes();
                    let less = write::<L>(&AskBack { depth: depth - 1 })?;
                    self.asked.insert(tag.clone(), ask.clone());
                    self.out.push(Said::Request("AskBack".into(), Some(tag), less));
                    return Ok(None);
                }
            },
            _ => Err(Some("UNHANDLED")),
        };
        results.map(Some)
    }
}

fn read<L: Library, T: DeserializeOwned>(fields: &L::Fields) -> Answer<T> {
    L::read(fields).ok_or(None)
}

fn write<L: Library>(record: &impl Serialize) -> Answer<L::Fields> {
    L::written(record).ok_or(None)
}
