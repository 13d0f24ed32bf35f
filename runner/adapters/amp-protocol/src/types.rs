// serde_amp's types behind the adapter protocol: TYPE and VALUE of docs/adapter-protocol.md to serde, and back.
// SPDX-License-Identifier: Apache-2.0
use amp_protocol::{AmpBox, Request as Call};
use ampspec_adapter::{hex, told, Request};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::Deserialize;
use serde_bytes::{ByteBuf, Bytes};
use serde_json::{json, Value};
use std::cell::RefCell;
use std::fmt::{Formatter, Result as Written};

/// DateTime, Decimal and paths are text to the library.
pub const SUPPORTS: &[&str] = &[
    "amp1",
    "amp1.types.core",
    "amp1.types.float",
    "amp1.types.list",
    "amp1.types.records",
    "amp1.types.schemas",
    "amp1.types.nan-payloads",
];

/// A value of a type, to be written by the library.
struct Typed<'a>(&'a Request, &'a Value, &'a Value);
/// A record of a schema, likewise.
struct Record<'a>(&'a Request, &'a Value, &'a Value);

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of these code points; nothing if one is a surrogate, which a char can't be.
fn text(points: &Value) -> Option<String> {
    items(points).map(|point| char::from_u32(point.as_u64()? as u32)).collect()
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Typed(request, kind, value) = self;
        match kind.as_str() {
            Some("integer") => match value.as_str().unwrap_or_default().parse::<i128>() {
                Ok(number) => number.serialize(to),
                Err(_) => Err(serde::ser::Error::custom("no i128 holds this number")),
            },
            Some("bytes") => Bytes::new(&request.octets(value)).serialize(to),
            Some("text") => match text(value) {
                Some(text) => text.serialize(to),
                None => Err(serde::ser::Error::custom("a String holds no surrogates")),
            },
            Some("boolean") => value.as_bool().serialize(to),
            Some("float") => {
                let bits = u64::from_str_radix(value.as_str().unwrap_or_default(), 16).unwrap();
                f64::from_bits(bits).serialize(to)
            }
            _ if kind["list"].is_null() => {
                to.collect_seq(items(value).map(|record| Record(request, &kind["records"], record)))
            }
            _ => to.collect_seq(items(value).map(|item| Typed(request, &kind["list"], item))),
        }
    }
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Record(request, schema, record) = self;
        for field in items(schema).filter(|field| field[2] == false) {
            if !items(record).any(|pair| pair[0] == field[0]) {
                return Err(serde::ser::Error::custom("a mandatory field has no value"));
            }
        }
        let mut map = to.serialize_map(None)?;
        for pair in items(record) {
            let Some(field) = items(schema).find(|field| field[0] == pair[0]) else {
                return Err(serde::ser::Error::custom("the schema has no such field"));
            };
            let name = request.octets(&pair[0]);
            map.serialize_entry(Bytes::new(&name), &Typed(request, &field[1], &pair[1]))?;
        }
        map.end()
    }
}

/// Reads a value of a type from the library, told as VALUE.
struct Seed<'a>(&'a Value);
/// Reads a record of a schema, likewise; the names are hex text.
struct Fields<'a>(&'a Value);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        Ok(match self.0.as_str() {
            Some("integer") => json!(i128::deserialize(from)?.to_string()),
            Some("bytes") => json!(hex(ByteBuf::deserialize(from)?)),
            Some("text") => String::deserialize(from)?.chars().map(|c| json!(c as u32)).collect(),
            Some("boolean") => json!(bool::deserialize(from)?),
            Some("float") => json!(format!("{:016x}", f64::deserialize(from)?.to_bits())),
            _ => from.deserialize_seq(self)?,
        })
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;
    fn expecting(&self, to: &mut Formatter<'_>) -> Written {
        to.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let (kind, mut values) = (self.0, Vec::new());
        while let Some(value) = match kind["list"].is_null() {
            true => list.next_element_seed(Fields(&kind["records"]))?,
            false => list.next_element_seed(Seed(&kind["list"]))?,
        } {
            values.push(value);
        }
        Ok(values.into())
    }
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Value;
    fn expecting(&self, to: &mut Formatter<'_>) -> Written {
        to.write_str("a record")
    }
    // As a derived struct does it: further keys are ignored, a key that is missing is an error.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key::<ByteBuf>()? {
            let name = json!(hex(key));
            match items(self.0).find(|field| field[0] == name) {
                Some(field) => pairs.push(json!([name, map.next_value_seed(Seed(&field[1]))?])),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = |field: &&Value| field[2] == false && !pairs.iter().any(|p| p[0] == field[0]);
        match items(self.0).find(missing) {
            Some(field) => Err(A::Error::custom(format!("missing field {}", field[0]))),
            None => Ok(pairs.into()),
        }
    }
}

thread_local!(static SCHEMA: RefCell<Value> = const { RefCell::new(Value::Null) });

/// The box as a whole: serde_amp reads types alone, so the schema waits in SCHEMA.
struct Whole(Value);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        SCHEMA.with_borrow(|schema| Fields(schema).deserialize(from)).map(Whole)
    }
}

/// The feature of a type that the library only knows as text.
fn lacking(kind: &Value) -> Option<String> {
    match kind.as_str() {
        Some(name @ ("decimal" | "datetime" | "path")) => Some(format!("amp1.types.{name}")),
        Some(_) => None,
        None if !kind["list"].is_null() => lacking(&kind["list"]),
        None if !kind["records"].is_null() => items(&kind["records"]).find_map(|f| lacking(&f[1])),
        None => Some("amp1.bigstring".into()),
    }
}

/// A schema in the notation of `told`: names as hex, whatever form they came in.
fn schema_of(request: &Request) -> Value {
    match request.get("schema").is_null() {
        true => json!([[hex("value"), request.get("type"), false]]),
        false => request.get("schema").clone(),
    }
}

/// Answers the four operations on values and arguments.
pub fn answer(request: &Request) -> Value {
    let (schema, op) = (schema_of(request), request.word("op"));
    if let Some(feature) = items(&schema).find_map(|field| lacking(&field[1])) {
        return json!({"unsupported": feature});
    }
    let whole = op.ends_with("arguments");
    let done = if op.starts_with("parse") {
        parse(request, whole, schema).map(|Whole(record)| match whole {
            true => json!({"ok": true, "value": record}),
            false => json!({"ok": true, "value": record[0][1]}),
        })
    } else {
        let value = request.get("value");
        let record = if whole { value.clone() } else { json!([[hex("value"), value]]) };
        serde_amp::to_box(&Record(request, &schema, &record)).and_then(|amp_box| match whole {
            // Arguments travel in a request, which refuses what looks like the protocol's own keys.
            true => match Call::new("call", amp_box.clone()).into_box() {
                Ok(_) => Ok(json!({"ok": true, "box": told(&amp_box)})),
                Err(error) => Err(serde_amp::Error::Protocol(error)),
            },
            false => {
                Ok(json!({"ok": true, "bytes": hex(amp_box.get("value").unwrap_or_default())}))
            }
        })
    };
    done.unwrap_or_else(|error| json!({"reject": {"text": error.to_string()}}))
}

fn parse(request: &Request, whole: bool, schema: Value) -> Result<Whole, serde_amp::Error> {
    let mut amp_box = AmpBox::new();
    let pairs = match whole {
        true => request.pairs("box"),
        false => vec![("value".into(), request.octets(request.get("bytes")))],
    };
    for (key, value) in pairs {
        amp_box.insert(key, value).map_err(serde_amp::Error::Protocol)?;
    }
    amp_box.insert("_command", "call").map_err(serde_amp::Error::Protocol)?;
    let call = Call::from_box(amp_box).map_err(serde_amp::Error::Protocol)?;
    SCHEMA.set(schema);
    serde_amp::from_box(&call.arguments)
}
