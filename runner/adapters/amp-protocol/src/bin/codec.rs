// amp-protocol's codec and serde_amp's types behind the adapter protocol.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{codec::AmpCodec, AmpBox, Error};
use ampspec_adapter::{hex, told, Pairs, Request};
use ampspec_amp_protocol::types;
use bytes::BytesMut;
use serde_json::{json, Value};
use tokio_util::codec::{Decoder, Encoder};

fn decode(chunks: Vec<Vec<u8>>) -> Value {
    // The limits are the application's to set; the protocol knows none.
    let mut codec = AmpCodec::with_limits(1 << 26, 1 << 20);
    let (mut buffer, mut boxes, mut reject) = (BytesMut::new(), Vec::new(), None);
    for chunk in chunks {
        buffer.extend_from_slice(&chunk);
        while let Some(next) = codec.decode(&mut buffer).transpose() {
            match next {
                Ok(amp_box) => boxes.push(told(&amp_box)),
                Err(error) => {
                    reject.get_or_insert(json!({"text": error.to_string()}));
                    break;
                }
            }
        }
    }
    match reject {
        Some(reject) => json!({"reject": reject, "boxes": boxes}),
        None => {
            let end = codec.decode_eof(&mut buffer).map_or("incomplete", |_| "clean");
            json!({"ok": true, "boxes": boxes, "end": end})
        }
    }
}

fn encode(pairs: Pairs) -> Result<BytesMut, Error> {
    let (mut amp_box, mut bytes) = (AmpBox::new(), BytesMut::new());
    for (key, value) in pairs {
        amp_box.insert(key, value)?;
    }
    AmpCodec::new().encode(amp_box, &mut bytes)?;
    Ok(bytes)
}

fn main() {
    let mut input = std::io::stdin().lock();
    while let Some(request) = Request::read(&mut input) {
        let op = request.word("op");
        request.answer(match op {
            "hello" => json!({"ok": "ready", "name": "amp-protocol", "version": "0.3.0", "api": 1,
                "ops": ["hello", "decode", "feed", "encode", "parse_value", "print_value",
                    "parse_arguments", "print_arguments", "reset", "bye"],
                "supports": ["amp1", "amp1.types.core", "amp1.types.float", "amp1.types.list",
                    "amp1.types.records", "amp1.types.schemas", "amp1.types.nan-payloads"]}),
            "decode" | "feed" if request.word("protocol") == "amp1" => decode(request.chunks()),
            "encode" if request.word("protocol") == "amp1" => match encode(request.pairs("box")) {
                Ok(bytes) => json!({"ok": true, "bytes": hex(bytes)}),
                Err(error) => json!({"reject": {"text": error.to_string()}}),
            },
            "parse_value" | "print_value" | "parse_arguments" | "print_arguments" => {
                types::answer(&request)
            }
            "reset" | "bye" => json!({"ok": true}),
            _ => json!({"unsupported": op}),
        });
        if op == "bye" {
            return;
        }
    }
}
