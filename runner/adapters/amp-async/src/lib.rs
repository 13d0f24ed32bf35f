// service.core (docs/test-service.md) on amp-async, for either side of a connection.
// SPDX-License-Identifier: Apache-2.0
use amp_async::{DispatchRequest, RawFrame, ReplyTicket, RequestSender};
use ampspec_adapter::service::{number, numbered, plain, Answer, Deferred, Left};
use ampspec_adapter::Ordered;
use tokio::sync::mpsc::Receiver;

async fn reply(ticket: Option<ReplyTicket>, answer: Answer) {
    let Some(ticket) = ticket else { return };
    let _ = match answer {
        Ok(pairs) => ticket.ok(Ordered(pairs)).await,
        Err(code) => ticket.error(code.map(String::from), None).await,
    };
}

async fn ask_back(fields: RawFrame, mut sender: RequestSender) -> Answer {
    let depth = number(fields.get(&b"depth"[..]))?;
    let 1.. = depth else { return Ok(numbered("depth", 0)) };
    let less = Ordered(numbered("depth", depth - 1));
    let told = sender.call_remote("AskBack".into(), less).await.or(Err(None))?;
    Ok(numbered("depth", number(told.get(&b"depth"[..]))? + 1))
}

/// Answers the requests of one connection until it ends.
pub async fn answer(mut requests: Receiver<DispatchRequest>, sender: RequestSender, left: Left) {
    let mut deferred = Deferred::new(&left);
    while let Some(DispatchRequest(command, fields, ticket)) = requests.recv().await {
        match (&command[..], fields.get(&b"name"[..])) {
            (b"Defer", Some(name)) => deferred.hold(name, ticket),
            (b"Release", Some(name)) => {
                let (waiting, answer) = deferred.release(name);
                reply(waiting.flatten(), Ok(vec![])).await;
                reply(ticket, answer).await;
            }
            (b"AskBack", _) => {
                let told = ask_back(fields, sender.clone());
                tokio::spawn(async move { reply(ticket, told.await).await });
            }
            // The library has no types for what it receives: its example reads them by hand.
            _ => reply(ticket, plain(&command, |name| fields.get(name.as_bytes()))).await,
        }
    }
}
