// serde_amp 0.2 behind the adapter protocol: a codec of boxes whose keys and values are text.
// SPDX-License-Identifier: Apache-2.0
use ampspec_adapter::{decoded, encoded, told, Hello, Request};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{json, Value};
use std::panic::catch_unwind;

/// A box with any names. The library has it as a struct only: it does not implement its maps.
struct Record(Vec<(String, String)>);

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut record = to.serialize_struct("Record", self.0.len())?;
        for (name, value) in &self.0 {
            // serde wants names that live for ever; this process is short.
            record.serialize_field(name.clone().leak(), value)?;
        }
        record.end()
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_struct("Record", &[], Pairs).map(Record)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, String)>;
    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a box")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        std::iter::from_fn(|| map.next_entry().transpose()).collect()
    }
}

/// The library reads one box from the front and does not say where it ends: its size does.
fn decode(request: &Request) -> Value {
    let (all, mut boxes) = (request.chunks().concat(), Vec::new());
    let mut bytes = &all[..];
    while !bytes.is_empty() {
        // Whatever the library refuses, also a box that is not whole yet, it refuses by a panic.
        let Ok(Ok(Record(pairs))) = catch_unwind(|| serde_amp::from_bytes(bytes)) else {
            return decoded(boxes, Some("it panicked".into()), false);
        };
        bytes = &bytes[pairs.iter().map(|(k, v)| 4 + k.len() + v.len()).sum::<usize>() + 2..];
        boxes.push(told(pairs));
    }
    decoded(boxes, None, true)
}

fn encode(request: &Request) -> Value {
    let text = |octets| String::from_utf8(octets).ok();
    let pairs = request.pairs("box").into_iter().map(|(k, v)| Some((text(k)?, text(v)?)));
    let Some(pairs) = pairs.collect() else { return json!({"unsupported": "octets"}) };
    encoded(catch_unwind(|| serde_amp::to_amp(&Record(pairs)).unwrap()).or(Err("it panicked")))
}

fn main() {
    let hello = Hello { name: "serde_amp", version: "0.2.0", supports: &["amp1"] };
    hello.serve(&[("decode", &decode), ("feed", &decode), ("encode", &encode)]);
}
