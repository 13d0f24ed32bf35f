// An AMPS client over WebSocket as the documentation describes it: the mode, then groups of count, header and bodies.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import WebSocket from "ws";

const patience = 5000; // ms

/// Four octets, little-endian (AMPS-WS-005).
export function count(messages) {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(messages);
  return octets;
}

/// Rejects when nothing has come for a while, and says what was awaited.
function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${patience} ms; awaited: ${what}`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const opened = [];

export function endAll() {
  for (const connection of opened) connection.socket.terminate();
}

export class Connection {
  #arrived = [];
  #waiting = null;

  /// Upgraded, and the mode said.
  static async open(uri, { mode = "text", ...options } = {}) {
    const made = new Connection();
    made.socket = new WebSocket(uri, { rejectUnauthorized: false, perMessageDeflate: false, ...options });
    opened.push(made);
    made.closed = new Promise((resolve) => {
      made.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    made.socket.on("message", (octets, binary) => made.#take({ binary, octets }));
    await soon(
      new Promise((resolve, reject) => {
        made.socket.on("open", resolve);
        made.socket.on("error", reject);
      }),
      "upgrade",
    );
    if (mode) made.socket.send(mode);
    return made;
  }

  #take(message) {
    this.#arrived.push(message);
    this.#waiting?.();
  }

  /// A command: its header as text or as an object, and its bodies.
  send(header, ...bodies) {
    this.socket.send(count(1 + bodies.length));
    this.socket.send(typeof header === "string" ? header : JSON.stringify(header));
    for (const body of bodies) this.socket.send(body);
  }

  async next(what = "a message") {
    if (this.#arrived.length === 0) {
      await soon(new Promise((resolve) => (this.#waiting = resolve)), what);
      this.#waiting = null;
    }
    return this.#arrived.shift();
  }

  /// The next messages are TEXT and exactly these; a regular expression where only the form is known.
  async text(...expected) {
    for (const one of expected) {
      const { binary, octets } = await this.next(one);
      assert.equal(binary, false, `BINARY instead of ${one}`);
      if (one instanceof RegExp) assert.match(octets.toString(), one);
      else assert.equal(octets.toString(), one);
    }
  }

  async binary(octets) {
    const got = await this.next("BINARY");
    assert.equal(got.binary, true);
    assert.deepEqual(got.octets, Buffer.from(octets));
  }

  /// Nothing has come that was not awaited; a command without any other effect shows that nothing comes later either.
  async silent() {
    this.send({ c: "flush", cid: "fence", a: "processed" });
    await this.text('{"c":"ack","cid":"fence","a":"processed","status":"success"}');
  }

  async logon(name, more = {}) {
    this.send({ c: "logon", cid: "L", a: "processed", version: "1.0.0.0:test", client_name: name, ...more });
    await this.text(/^\{"c":"ack","cid":"L","client_name":"[^"]*","s":\d+,"bm":"\d+\|\d+\|","a":"processed","status":"success"/);
    return this;
  }

  close(code = 1000, reason = "Disconnect from the client") {
    this.socket.close(code, reason);
    return this.ended();
  }
  ended() {
    return soon(this.closed, "the end of the connection");
  }
}

/// FNV-1a, 64 bit, in decimal: what the broker makes names, and keys of topic and key fields, from.
export function hash(text) {
  let value = 14695981039346656037n;
  for (const octet of Buffer.from(text)) {
    value = BigInt.asUintN(64, (value ^ BigInt(octet)) * 1099511628211n);
  }
  return value.toString();
}
export const key = (topic, ...fields) => hash([topic, ...fields].join("\x1f"));
