// The test service (docs/test-service.md, service.core) on amp-async, for either side of a connection.
// SPDX-License-Identifier: Apache-2.0
use amp_async::{DispatchRequest, RawFrame, ReplyTicket, RequestSender};
use ampspec_adapter::Pairs;
use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::Receiver;

/// A box whose pairs amp-serde writes in the order given.
pub struct Ordered(pub Pairs);

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(&Bytes::copy_from_slice(key), &Bytes::copy_from_slice(value))?;
        }
        map.end()
    }
}

/// The names that calls were deferred under on connections that have ended since, and how many.
pub type Left = Arc<Mutex<HashMap<Bytes, usize>>>;
/// What a command gives, or the code of its error; without one it is the library's own, UNKNOWN.
type Answer<T = Pairs> = Result<T, Option<&'static str>>;

fn named(name: &str, value: impl ToString) -> Pairs {
    vec![(name.into(), value.to_string().into_bytes())]
}

fn bytes(fields: &RawFrame, name: &str) -> Answer<Bytes> {
    fields.get(name.as_bytes()).cloned().ok_or(None)
}

// The library has no types for what it receives: its example reads them by hand, and so does this.
fn integer(fields: &RawFrame, name: &str) -> Answer<i64> {
    let digits = bytes(fields, name)?;
    let number = std::str::from_utf8(&digits).ok().and_then(|text| text.parse().ok());
    number.ok_or(None)
}

async fn reply(ticket: Option<ReplyTicket>, answer: Answer) {
    let Some(ticket) = ticket else { return };
    let _ = match answer {
        Ok(pairs) => ticket.ok(Ordered(pairs)).await,
        Err(code) => ticket.error(code.map(String::from), None).await,
    };
}

async fn ask_back(fields: &RawFrame, mut sender: RequestSender) -> Answer {
    let depth = integer(fields, "depth")?;
    if depth == 0 {
        return Ok(named("depth", 0));
    }
    let asked = sender.call_remote("AskBack".into(), Ordered(named("depth", depth - 1))).await;
    let told = asked.or(Err(None))?;
    Ok(named("depth", integer(&told, "depth")? + 1))
}

/// Answers the requests of one connection until it ends.
pub async fn answer(mut requests: Receiver<DispatchRequest>, sender: RequestSender, left: Left) {
    let mut deferred: HashMap<Bytes, VecDeque<Option<ReplyTicket>>> = HashMap::new();
    while let Some(DispatchRequest(command, fields, ticket)) = requests.recv().await {
        let answer = match &command[..] {
            b"Sum" => integer(&fields, "a")
                .and_then(|a| Ok(a + integer(&fields, "b")?))
                .map(|total| named("total", total)),
            b"Divide" => integer(&fields, "numerator").and_then(|numerator| {
                match integer(&fields, "denominator")? {
                    0 => Err(Some("ZERO_DIVISION")),
                    denominator => Ok(named("quotient", numerator / denominator)),
                }
            }),
            b"Echo" => bytes(&fields, "data").map(|data| vec![("data".into(), data.to_vec())]),
            b"Fail" => Err(None),
            b"Defer" if bytes(&fields, "name").is_ok() => {
                deferred.entry(fields[&b"name"[..]].clone()).or_default().push_back(ticket);
                continue;
            }
            b"Defer" => Err(None),
            b"Release" => match bytes(&fields, "name") {
                Ok(name) => release(&mut deferred, &left, &name).await,
                Err(error) => Err(error),
            },
            b"AskBack" => {
                let sender = sender.clone();
                tokio::spawn(async move { reply(ticket, ask_back(&fields, sender).await).await });
                continue;
            }
            _ => Err(Some("UNHANDLED")),
        };
        reply(ticket, answer).await;
    }
    for (name, tickets) in deferred {
        *left.lock().unwrap().entry(name).or_default() += tickets.len();
    }
}

async fn release(
    deferred: &mut HashMap<Bytes, VecDeque<Option<ReplyTicket>>>,
    left: &Left,
    name: &Bytes,
) -> Answer {
    if let Some(ticket) = deferred.get_mut(name).and_then(VecDeque::pop_front) {
        reply(ticket, Ok(vec![])).await;
        return Ok(vec![]);
    }
    match left.lock().unwrap().get_mut(name) {
        Some(calls) if *calls > 0 => *calls -= 1,
        _ => return Err(Some("NOT_DEFERRED")),
    }
    Ok(vec![])
}
