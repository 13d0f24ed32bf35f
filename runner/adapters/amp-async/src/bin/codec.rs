// amp-async's decoder and amp-serde's encoder behind the adapter protocol: the codec.
// SPDX-License-Identifier: Apache-2.0
use amp_async::Decoder;
use ampspec_adapter::{hex, told, Request};
use ampspec_amp_async::Ordered;
use bytes::{Bytes, BytesMut};
use serde_json::{json, Value};
use tokio_util::codec::Decoder as _;

type Boxes = Decoder<Vec<(Vec<u8>, Bytes)>>;

fn decode(chunks: Vec<Vec<u8>>) -> Value {
    let mut decoder = Boxes::new();
    let (mut buffer, mut boxes, mut reject) = (BytesMut::new(), Vec::new(), None);
    for chunk in chunks {
        buffer.extend_from_slice(&chunk);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(pairs)) => boxes.push(told(pairs)),
                Ok(None) => break,
                Err(error) => {
                    reject.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    // The decoder has no word for the end of the stream: an unfinished box shows in its state.
    let end = if buffer.is_empty() && decoder == Boxes::new() { "clean" } else { "incomplete" };
    match reject {
        Some(text) => json!({"reject": {"text": text}, "boxes": boxes}),
        None => json!({"ok": true, "boxes": boxes, "end": end}),
    }
}

fn encode(request: &Request) -> Value {
    match amp_serde::to_bytes(Ordered(request.pairs("box"))) {
        Ok(bytes) => json!({"ok": true, "bytes": hex(bytes)}),
        Err(error) => json!({"reject": {"text": error.to_string()}}),
    }
}

fn main() {
    let mut input = std::io::stdin().lock();
    while let Some(request) = Request::read(&mut input) {
        let op = request.word("op");
        request.answer(match op {
            "hello" => json!({"ok": "ready", "name": "amp-async", "version": "0.1.3", "api": 1,
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
