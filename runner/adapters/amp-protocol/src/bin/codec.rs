// amp-protocol's codec and serde_amp's types behind the adapter protocol.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{codec::AmpCodec, AmpBox, Error};
use ampspec_adapter::{decoded, encoded, told, Hello, Pairs, Request};
use ampspec_amp_protocol::types;
use bytes::BytesMut;
use serde_json::Value;
use tokio_util::codec::{Decoder, Encoder};

fn decode(request: &Request) -> Value {
    // The limits are the application's to set; the protocol knows none.
    let mut codec = AmpCodec::with_limits(1 << 26, 1 << 20);
    let (mut buffer, mut boxes, mut refusal) = (BytesMut::new(), Vec::new(), None);
    for chunk in request.chunks() {
        buffer.extend_from_slice(&chunk);
        while let Some(next) = codec.decode(&mut buffer).transpose() {
            match next {
                Ok(amp_box) => boxes.push(told(&amp_box)),
                Err(error) => {
                    refusal.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    let whole = refusal.is_some() || codec.decode_eof(&mut buffer).is_ok();
    decoded(boxes, refusal, whole)
}

fn written(pairs: Pairs) -> Result<BytesMut, Error> {
    let (mut amp_box, mut bytes) = (AmpBox::new(), BytesMut::new());
    for (key, value) in pairs {
        amp_box.insert(key, value)?;
    }
    AmpCodec::new().encode(amp_box, &mut bytes)?;
    Ok(bytes)
}

fn encode(request: &Request) -> Value {
    encoded(written(request.pairs("box")))
}

fn main() {
    let hello = Hello { name: "amp-protocol", version: "0.3.0", supports: types::SUPPORTS };
    hello.serve(&[
        ("decode", &decode),
        ("feed", &decode),
        ("encode", &encode),
        ("parse_value", &types::answer),
        ("print_value", &types::answer),
        ("parse_arguments", &types::answer),
        ("print_arguments", &types::answer),
    ]);
}
