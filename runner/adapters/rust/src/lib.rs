// Frames of the adapter protocol (docs/adapter-protocol.md), shared by the adapters in Rust.
// SPDX-License-Identifier: Apache-2.0
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A request of the runner: its JSON, and the blob that octets may stand in.
pub struct Request {
    json: Value,
    blob: Vec<u8>,
}

impl Request {
    /// The next request, or nothing when the runner has gone.
    pub fn read(input: &mut impl BufRead) -> Option<Request> {
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
    pub fn answer(&self, mut answer: Value) {
        answer["n"] = self.json["n"].clone();
        send(&answer);
    }
}

/// Sends one frame; all octets stand in the JSON, as hex.
pub fn send(message: &Value) {
    let text = message.to_string();
    let mut out = io::stdout().lock();
    // The runner has gone if this fails, and the end of the input says so too.
    let _ = write!(out, "AS1 {} 0\n{text}", text.len());
    let _ = out.flush();
}

pub fn hex(octets: impl AsRef<[u8]>) -> String {
    octets.as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A box as the protocol writes it: `[[key, value], …]`.
pub fn told<K: AsRef<[u8]>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    pairs.into_iter().map(|(key, value)| json!([hex(key), hex(value)])).collect()
}
