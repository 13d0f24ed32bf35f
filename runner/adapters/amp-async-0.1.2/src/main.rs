// amp-async 0.1.2's codec behind the adapter protocol (docs/adapter-protocol.md).
// SPDX-License-Identifier: Apache-2.0
use amp_async::Codec;
use ampspec_adapter::{hex, told, Request};
use bytes::{Bytes, BytesMut};
use serde_json::{json, Value};
use tokio_util::codec::{Decoder, Encoder};

type Boxes = Codec<Vec<(Bytes, Bytes)>>;

fn decode(chunks: Vec<Vec<u8>>) -> Value {
    let mut codec = Boxes::new();
    let (mut buffer, mut boxes, mut reject) = (BytesMut::new(), Vec::new(), None);
    for chunk in chunks {
        buffer.extend_from_slice(&chunk);
        while let Some(next) = codec.decode(&mut buffer).transpose() {
            match next {
                Ok(pairs) => boxes.push(told(pairs)),
                Err(error) => {
                    reject.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    // The codec has no word for the end of the stream: an unfinished box shows in its state.
    let end = if buffer.is_empty() && codec == Boxes::new() { "clean" } else { "incomplete" };
    match reject {
        Some(text) => json!({"reject": {"text": text}, "boxes": boxes}),
        None => json!({"ok": true, "boxes": boxes, "end": end}),
    }
}

fn encode(request: &Request) -> Value {
    let pairs = request.pairs("box").into_iter().map(|(k, v)| (k.into(), v.into())).collect();
    let mut bytes = BytesMut::new();
    match Boxes::new().encode(pairs, &mut bytes) {
        Ok(()) => json!({"ok": true, "bytes": hex(bytes)}),
        Err(error) => json!({"reject": {"text": error.to_string()}}),
    }
}

fn main() {
    let mut input = std::io::stdin().lock();
    while let Some(request) = Request::read(&mut input) {
        let op = request.word("op");
        request.answer(match op {
            "hello" => json!({"ok": "ready", "name": "amp-async", "version": "0.1.2", "api": 1,
                "ops": ["hello", "decode", "feed", "encode", "reset", "bye"], "supports": ["amp1"]}),
            "decode" | "feed" if request.word("protocol") == "amp1" => decode(request.chunks()),
            "encode" if request.word("protocol") == "amp1" => encode(&request),
            "reset" | "bye" => json!({"ok": true}),
            _ => json!({"unsupported": op}),
        });
        if op == "bye" {
            return;
        }
    }
}
