// amp-async's decoder and amp-serde's encoder behind the adapter protocol: the codec.
// SPDX-License-Identifier: Apache-2.0
use amp_async::Decoder;
use ampspec_adapter::{decoded, encoded, told, Hello, Ordered, Request};
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio_util::codec::Decoder as _;

type Boxes = Decoder<Vec<(Vec<u8>, Bytes)>>;

fn decode(request: &Request) -> Value {
    let mut decoder = Boxes::new();
    let (mut buffer, mut boxes, mut refusal) = (BytesMut::new(), Vec::new(), None);
    for chunk in request.chunks() {
        buffer.extend_from_slice(&chunk);
        while let Some(next) = decoder.decode(&mut buffer).transpose() {
            match next {
                Ok(pairs) => boxes.push(told(pairs)),
                Err(error) => {
                    refusal.get_or_insert(error.to_string());
                    break;
                }
            }
        }
    }
    // The decoder has no word for the end of the stream: an unfinished box shows in its state.
    decoded(boxes, refusal, buffer.is_empty() && decoder == Boxes::new())
}

fn encode(request: &Request) -> Value {
    encoded(amp_serde::to_bytes(Ordered(request.pairs("box"))))
}

fn main() {
    let hello = Hello { name: "amp-async", version: "0.1.3", supports: &["amp1"] };
    hello.serve(&[("decode", &decode), ("feed", &decode), ("encode", &encode)]);
}
