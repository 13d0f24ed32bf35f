// The vendor's JavaScript client of AMPS behind the adapter protocol (docs/adapter-protocol.md), by its documented API.
// SPDX-License-Identifier: Apache-2.0
//
// AMPSPEC_AMPS_JS names the folder of the client, which is not part of this project: its licence lets it be used with
// the vendor's server, so whoever has the right to use it installs it and says where. Its `connect` logs on by itself,
// right behind the upgrade: the `logon` of a vector ends as that ended.
import { createRequire } from "node:module";
import { isUtf8 } from "node:buffer";

const amps = createRequire(import.meta.url)(process.env.AMPSPEC_AMPS_JS);
const max = { inline: 1024 };

// Bodies go through as they are: octets, or text where they are text.
const asTheyAre = { serialize: (data) => [data], deserialize: (data) => data };
for (const type of ["json", "binary", "nvfix", "fix"]) amps.TypeHelper.helper(type, asTheyAre);

// --- frames ----------------------------------------------------------------------------------------------------------

function put(told, blob = Buffer.alloc(0)) {
  const text = Buffer.from(JSON.stringify(told));
  process.stdout.write(Buffer.concat([Buffer.from(`AS1 ${text.length} ${blob.length}\n`), text, blob]));
}

const octetsOf = (data) =>
  data == null ? Buffer.alloc(0) : typeof data === "string" ? Buffer.from(data) : Buffer.from(data);
const hex = (text) => Buffer.from(String(text)).toString("hex");

/// A message as a box: what the library gives, and its body.
function box(message) {
  const header = message.header;
  const pairs = [];
  const fields = {
    c: "command", t: "topic", k: "sowKey", x: "correlationId", bm: "bookmark", reason: "reason", cid: "commandId",
    query_id: "queryId", status: "status", a: "ackType", ts: "timestamp", lp: "leasePeriod",
    topic_matches: "topicMatches", matches: "matches", records_returned: "recordsReturned",
    records_deleted: "recordsDeleted",
  };
  for (const [key, name] of Object.entries(fields)) {
    const value = typeof header?.[name] === "function" ? header[name]() : undefined;
    if (value !== undefined && value !== null) {
      pairs.push([hex(key), hex(key === "c" && value === "p" ? "publish" : value)]);
    }
  }
  const body = octetsOf(message.data);
  const small = body.length <= max.inline;
  pairs.push([hex("body"), small ? body.toString("hex") : { at: 0, len: body.length }]);
  return [pairs, small ? Buffer.alloc(0) : body];
}

// --- the client ------------------------------------------------------------------------------------------------------

let client = null; // the one that is connected, with its calls

class Attached {
  constructor(request) {
    this.calls = new Map(); // number -> what is known of it, as long as it has not ended
    this.subscriptions = new Map(); // number -> the id that the library gave
    this.gone = false;
    const { client_name: name, store, reconnect } = request;
    this.library = store && reconnect ? amps.Client.createMemoryBacked(name) : new amps.Client(name);
    if (store && !reconnect) this.library.publishStore(new amps.MemoryPublishStore());
    if (store) {
      this.library.failedWriteHandler((message, reason) => {
        const [pairs, blob] = box(message);
        const sequence = Number(message.header?.sequenceId?.() ?? 0);
        put({ event: "unwritten", sequence, reason: hex(reason ?? ""), box: pairs }, blob);
      });
    }
    this.library.errorHandler(() => {});
    if (reconnect) {
      const chooser = new amps.DefaultServerChooser();
      chooser.add(request.uri);
      this.library.serverChooser(chooser);
    } else {
      this.library.disconnectHandler(() => this.lost());
    }
    const authenticator = {
      authenticate: (_user, password) => Promise.resolve(password),
      retry: (_user, password) => Promise.resolve(`${password}-answered`),
      completed: () => {},
    };
    const connected = reconnect ? this.library.connect() : this.library.connect(request.uri, authenticator);
    this.loggedOn = Promise.resolve(connected).then(() => put({ event: "connected" }));
    this.loggedOn.catch(() => {}); // told where `logon` waits for it
  }

  end(number, how, more = {}, blob) {
    if (!this.calls.delete(number) || client !== this) return;
    put({ event: "ended", call: number, how, ...more }, blob);
  }

  answer(number, message) {
    const [pairs, blob] = message?.header ? box(message) : [[], undefined];
    this.end(number, "answer", { box: pairs }, blob);
  }

  failed(number, error) {
    if (this.gone) return this.end(number, "lost");
    this.end(number, "error", { code: hex(error?.message ?? error ?? "") });
  }

  lost() {
    if (this.gone) return;
    this.gone = true;
    for (const number of [...this.calls.keys()]) this.end(number, "lost");
    if (client === this) put({ event: "closed" });
  }

  call(number, name, fields) {
    this.calls.set(number, { awaited: null });
    if (this.gone) return this.end(number, "lost");
    if (name === "logon") {
      return this.loggedOn.then(() => this.answer(number), (error) => this.failed(number, error));
    }
    if (name === "publish" || name === "delta_publish") return this.publish(number, name, fields);
    if (name === "unsubscribe") {
      const id = fields.of ? this.subscriptions.get(Number(fields.of)) : undefined;
      return this.settle(number, fields.of ? this.library.unsubscribe(id) : this.library.unsubscribe());
    }
    if (name === "flush") return this.settle(number, this.library.flush());
    if (name === "sow_delete") return this.settle(number, this.delete(fields));
    return this.query(number, name, fields);
  }

  settle(number, promise) {
    Promise.resolve(promise).then((message) => this.answer(number, message), (error) => this.failed(number, error));
  }

  /// What of the caller's fields the library's Command has a method for.
  command(name, fields) {
    const command = new amps.Command(name);
    const methods = {
      t: "topic", filter: "filter", opts: "options", bm: "bookmark", orderby: "orderBy", sow_keys: "sowKeys",
      x: "correlationId", k: "sowKey", a: "ackType",
    };
    const numbers = { top_n: "topN", bs: "batchSize", e: "expiration" };
    for (const [key, method] of Object.entries(methods)) {
      if (fields[key] !== undefined) command[method](fields[key].toString());
    }
    for (const [key, method] of Object.entries(numbers)) {
      if (fields[key] !== undefined) command[method](Number(fields[key]));
    }
    if (fields.body !== undefined) command.data(isUtf8(fields.body) ? fields.body.toString() : fields.body);
    return command;
  }

  publish(number, name, fields) {
    const wanted = new Set((fields.a?.toString() ?? "").split(",").filter(Boolean));
    if (wanted.size === 0) {
      const body = fields.body ?? Buffer.alloc(0);
      const data = isUtf8(body) ? body.toString() : body;
      const plain = Object.keys(fields).every((key) => key === "t" || key === "body");
      const topic = fields.t?.toString();
      if (plain) {
        name === "publish" ? this.library.publish(topic, data) : this.library.deltaPublish(topic, data);
      } else {
        Promise.resolve(this.library.execute(this.command(name, fields))).catch(() => {});
      }
      return this.end(number, "sent");
    }
    const take = (message) => {
      if (message.header.command() !== "ack") return;
      if (message.header.status() !== "success") return this.failed(number, message.header.reason());
      wanted.delete(message.header.ackType());
      if (wanted.size === 0) this.answer(number, message);
    };
    Promise.resolve(this.library.execute(this.command(name, fields), take)).then(
      (message) => message?.header && take(message),
      (error) => this.failed(number, error),
    );
  }

  delete(fields) {
    const topic = fields.t?.toString();
    if (fields.bm !== undefined) return this.library.ack(topic, fields.bm.toString());
    if (fields.sow_keys !== undefined) return this.library.sowDeleteByKeys(topic, fields.sow_keys.toString());
    if (fields.body !== undefined) return this.library.sowDeleteByData(topic, fields.body.toString());
    return this.library.sowDelete(topic, fields.filter?.toString());
  }

  /// Subscriptions and queries. A query is done when its completed ack has come, which its handler is given.
  query(number, name, fields) {
    const isQuery = name === "sow";
    const wanted = new Set((fields.a?.toString() ?? "").split(",").filter((type) => type && type !== "processed"));
    const state = { entered: false, done: !isQuery };
    const look = (message) => {
      if (state.entered && state.done && wanted.size === 0) this.answer(number, message);
    };
    const take = (message) => {
      if (client !== this) return;
      const command = message.header.command();
      if (command === "ack") {
        if (message.header.status() !== "success") return this.failed(number, message.header.reason());
        wanted.delete(message.header.ackType());
        if (message.header.ackType() === "completed") state.done = true;
        return look(message);
      }
      if (command === "group_begin" || command === "group_end") return;
      const [pairs, blob] = box(message);
      put({ event: "message", call: number, box: pairs }, blob);
    };
    const command = this.command(name, fields);
    if (!isQuery && wanted.size === 0) command.ackType("processed");
    if (!isQuery && wanted.size > 0) command.ackType(["processed", ...wanted].join(","));
    if (isQuery) command.ackType(["processed", "completed", ...wanted].join(","));
    if (fields.of !== undefined) command.subId(this.subscriptions.get(Number(fields.of)));
    Promise.resolve(this.library.execute(command, take)).then(
      (id) => {
        if (!isQuery) this.subscriptions.set(number, id);
        state.entered = true;
        look(undefined);
      },
      (error) => this.failed(number, error),
    );
  }
}

// --- requests --------------------------------------------------------------------------------------------------------

function perform(request, blob) {
  const octets = (told) => (typeof told === "string" ? Buffer.from(told, "hex") : blob.subarray(told.at, told.at + told.len));
  switch (request.op) {
    case "hello":
      return {
        ok: "ready", name: "amps-js", version: amps.Client.version?.() ?? "unknown",
        ops: ["hello", "connect", "call", "disconnect", "reset", "bye"], supports: [], api: 1,
      };
    case "connect": {
      if (!/^wss?:/.test(request.uri)) return { unsupported: new URL(request.uri).protocol.slice(0, -1) };
      client = new Attached(request);
      return { ok: true };
    }
    case "call": {
      if (client === null) return { fault: "not connected" };
      const fields = {};
      for (const [key, value] of request.box) fields[octets(key)] = octets(value);
      setImmediate((to) => to.call(request.n, octets(request.command).toString(), fields), client);
      return { ok: true };
    }
    case "disconnect":
    case "reset": {
      const left = client;
      if (request.op === "reset") client = null;
      Promise.resolve(left?.library.disconnect()).catch(() => {});
      return { ok: true };
    }
    case "bye":
      setImmediate(() => process.exit(0));
      return { ok: true };
    default:
      return { unsupported: request.op };
  }
}

let received = Buffer.alloc(0);
process.stdin.on("data", (octets) => {
  received = Buffer.concat([received, octets]);
  for (;;) {
    const line = received.indexOf("\n");
    if (line < 0) return;
    const words = /^AS1 (\d+) (\d+)$/.exec(received.subarray(0, line).toString());
    if (words === null) process.exit(3);
    const [text, blob] = words.slice(1).map(Number);
    if (received.length < line + 1 + text + blob) return;
    const request = JSON.parse(received.subarray(line + 1, line + 1 + text));
    const answer = perform(request, received.subarray(line + 1 + text, line + 1 + text + blob));
    received = received.subarray(line + 1 + text + blob);
    put({ n: request.n, ...answer });
  }
});
process.stdin.on("end", () => process.exit(0));
