// amp-async 0.1.2's codec behind the adapter protocol (docs/adapter-protocol.md).
// SPDX-License-Identifier: Apache-2.0
use amp_async::Codec;
use ampspec_adapter::{decoded, encoded, told, Hello, Request};
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio_util::codec::{Decoder, Encoder};

type Boxes = Codec<Vec<(Bytes, Bytes)>>;

fn decode(request: &Request) -> Value {
    let mut codec = Boxes::new();
    let (mut buffer, mut boxes, mut refusal) = (BytesMut::new(), Vec::new(), None);
    for chunk in request.chunks() {
        buffer.extend_from_slice(&chunk);
        while let Some(next) = codec.decode(&mut buffer).transpose() {
            match next {
                Ok(pairs) => boxes.push(told(pairs)),
                Err(error) => {
                    refusal.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    // The codec has no word for the end of the stream: an unfinished box shows in its state.
    decoded(boxes, refusal, buffer.is_empty() && codec == Boxes::new())
}

fn encode(request: &Request) -> Value {
    let pairs = request.pairs("box").into_iter().map(|(k, v)| (k.into(), v.into())).collect();
    let mut bytes = BytesMut::new();
    encoded(Boxes::new().encode(pairs, &mut bytes).map(|()| bytes))
}

fn main() {
    let hello = Hello { name: "amp-async", version: "0.1.2", supports: &["amp1"] };
    hello.serve(&[("decode", &decode), ("feed", &decode), ("encode", &encode)]);
}
