// The adapter protocol (docs/adapter-protocol.md) for adapters in Rust: frames, requests, and the notations of octets and boxes.
// SPDX-License-Identifier: Apache-2.0
pub mod client;
pub mod service;
#[cfg(feature = "typed")]
pub mod typed;

use serde::ser::{Serialize, Serializer};
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A box that serde writes as a map of octets, in the order given.
pub struct Ordered(pub Pairs);

struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (Octets(key), Octets(value))))
    }
}

/// What does an operation: its answer, without the number.
pub type Operation<'a> = &'a dyn Fn(&Request) -> Value;

/// What the adapter says of itself in its hello.
pub struct Hello {
    pub name: &'static str,
    pub version: &'static str,
    pub supports: &'static [&'static str],
}

impl Hello {
    fn told(&self, more: impl IntoIterator<Item = &'static str>) -> Value {
        let ops: Vec<_> = ["hello", "reset", "bye"].into_iter().chain(more).collect();
        json!({"ok": "ready", "name": self.name, "version": self.version, "api": 1, "ops": ops,
            "supports": self.supports})
    }

    /// Does what the runner asks until it has gone: `hello`, `reset` and `bye` here, the others by `operations`. What is in
    /// neither, and what is of a protocol that is not supported, is answered `unsupported`.
    pub fn serve(&self, operations: &[(&'static str, Operation)]) {
        let mut input = io::stdin().lock();
        while let Some(request) = Request::read(&mut input) {
            let (op, protocol) = (request.word("op"), request.word("protocol"));
            let known = operations.iter().find(|(name, _)| *name == op);
            request.answer(match (op, known) {
                ("hello", _) => self.told(operations.iter().map(|(name, _)| *name)),
                ("reset" | "bye", _) => json!({"ok": true}),
                (_, None) => json!({"unsupported": op}),
                _ if !self.supports.contains(&protocol) => json!({"unsupported": protocol}),
                (_, Some((_, operation))) => operation(&request),
            });
            if op == "bye" {
                return;
            }
        }
    }
}

/// A request of the runner: its JSON, and the blob that octets may stand in.
pub struct Request {
    json: Value,
    blob: Vec<u8>,
}

impl Request {
    /// The next request, or nothing when the runner has gone.
    fn read(input: &mut impl BufRead) -> Option<Request> {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace().skip(1).map(|word| word.parse().unwrap());
        let mut json = vec![0; words.next()?];
        let mut blob = vec![0; words.next()?];
        input.read_exact(&mut json).ok()?;
        input.read_exact(&mut blob).ok()?;
        let json = serde_json::from_slice(&json).unwrap();
        Some(Request { json, blob })
    }

    pub fn get(&self, key: &str) -> &Value {
        &self.json[key]
    }

    pub fn word(&self, key: &str) -> &str {
        self.json[key].as_str().unwrap_or_default()
    }

    /// Octets: hex text, or a place in the blob.
    pub fn octets(&self, value: &Value) -> Vec<u8> {
        let Some(hex) = value.as_str() else {
            let (at, len) = (value["at"].as_u64().unwrap(), value["len"].as_u64().unwrap());
            return self.blob[at as usize..(at + len) as usize].to_vec();
        };
        let digits = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digits).collect()
    }

    pub fn pairs(&self, key: &str) -> Pairs {
        let pairs = self.json[key].as_array().into_iter().flatten();
        pairs.map(|pair| (self.octets(&pair[0]), self.octets(&pair[1]))).collect()
    }

    /// The input of `decode` and `feed`, cut as asked.
    pub fn chunks(&self) -> Vec<Vec<u8>> {
        let mut rest = self.octets(&self.json["bytes"]);
        if let Some(every) = self.json["every"].as_u64() {
            return rest.chunks(every as usize).map(<[u8]>::to_vec).collect();
        }
        let mut chunks = Vec::new();
        for size in self.json["chunks"].as_array().into_iter().flatten() {
            let tail = rest.split_off(size.as_u64().unwrap() as usize);
            chunks.push(std::mem::replace(&mut rest, tail));
        }
        chunks.push(rest);
        chunks
    }

    /// Sends the answer to this request.
    fn answer(&self, mut answer: Value) {
        answer["n"] = self.json["n"].clone();
        send(&answer);
    }
}

/// Sends one frame; all octets stand in the JSON, as hex.
fn send(message: &Value) {
    let text = message.to_string();
    let mut out = io::stdout().lock();
    // The runner has gone if this fails, and the end of the input says so too.
    let _ = write!(out, "AS1 {} 0\n{text}", text.len());
    let _ = out.flush();
}

pub fn hex(octets: impl AsRef<[u8]>) -> String {
    let octets = octets.as_ref();
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

/// A box as the protocol writes it: `[[key, value], …]`.
pub fn told<K: AsRef<[u8]>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    pairs.into_iter().map(|(key, value)| json!([hex(key), hex(value)])).collect()
}

/// The answer to `decode` and `feed`: the boxes that were delivered, the text of the first refusal, and whether nothing of an
/// unfinished box was left at the end.
pub fn decoded(boxes: Vec<Value>, refusal: Option<String>, whole: bool) -> Value {
    match refusal {
        Some(text) => json!({"reject": {"text": text}, "boxes": boxes}),
        None => {
            json!({"ok": true, "boxes": boxes, "end": if whole { "clean" } else { "incomplete" }})
        }
    }
}

/// The answer to `encode`.
pub fn encoded<E: ToString>(bytes: Result<impl AsRef<[u8]>, E>) -> Value {
    match bytes {
        Ok(bytes) => json!({"ok": true, "bytes": hex(bytes)}),
        Err(error) => json!({"reject": {"text": error.to_string()}}),
    }
}
