// A stand-in for the vendor's client: as much of its documented API as the adapter uses, over npm's ws. It is no copy
// of that client and tells nothing about it; it is there so that the adapter's code runs in the tests.
// SPDX-License-Identifier: Apache-2.0
"use strict";
const WebSocket = require("ws");

const helpers = new Map();
const TypeHelper = { helper: (type, made) => helpers.set(type, made) };

const keys = {
  ackType: "a", batchSize: "bs", bookmark: "bm", command: "c", commandId: "cid", correlationId: "x", data: "data",
  expiration: "e", filter: "filter", options: "opts", orderBy: "orderby", queryId: "query_id", sowKey: "k",
  sowKeys: "sow_keys", subId: "sub_id", topic: "t", topN: "top_n",
};

class Command {
  constructor(name) {
    this.fields = { c: name };
  }
}
for (const [method, key] of Object.entries(keys)) {
  Command.prototype[method] = function (value) {
    if (value === undefined) return this.fields[key];
    this.fields[key] = value;
    return this;
  };
}

class Message {
  constructor(fields, data) {
    const told = { status: "status", reason: "reason", topicMatches: "topic_matches", matches: "matches",
      recordsReturned: "records_returned", recordsDeleted: "records_deleted", ...keys };
    this.header = {};
    for (const [method, key] of Object.entries(told)) this.header[method] = () => fields[key];
    this.data = data;
    this.fields = fields;
  }
}

const subscribes = (name) => name.endsWith("subscribe") && name !== "unsubscribe";

class Client {
  constructor(name) {
    this.name = name;
    this.ids = 0;
    this.waiting = new Map(); // by command id: what resolves it, its handler, the acks that are awaited
    this.routes = new Map(); // by subscription or query id: its handler
    this.awaited = null; // the header whose body comes next
    this.onDisconnect = () => {};
  }
  static version() {
    return "double";
  }
  errorHandler() {}
  disconnectHandler(handler) {
    this.onDisconnect = handler;
  }

  connect(uri, authenticator) {
    const url = new URL(uri);
    const [user, password] = [url.username, url.password];
    const type = url.pathname.split("/").at(-1);
    this.helper = helpers.get(type) ?? { serialize: (data) => [JSON.stringify(data)], deserialize: JSON.parse };
    this.socket = new WebSocket(uri, { perMessageDeflate: false });
    const logOn = (login, secret) =>
      this.#ask({ c: "logon", client_name: this.name, a: "processed", user_id: login,
        ...(secret ? { pw: secret } : {}), version: "double" }, ["processed"]);
    return new Promise((resolve, reject) => {
      this.socket.on("open", () => {
        this.socket.send(type === "json" ? "text" : "binary");
        const answered = (ack) => {
          if (ack.fields?.status !== "retry") return resolve();
          authenticator.retry(ack.fields.user_id, ack.fields.pw)
            .then((secret) => logOn(ack.fields.user_id, secret)).then(answered, reject);
        };
        authenticator.authenticate(user, password).then((secret) => logOn(user, secret)).then(answered, (error) => {
          reject(error);
          this.socket.close(1000);
        });
      });
      this.socket.on("message", (octets, binary) => this.#take(octets, binary));
      this.socket.on("error", reject);
      this.socket.on("close", () => {
        reject(new Error("closed"));
        this.onDisconnect(this, new Error("closed"));
      });
    });
  }
  disconnect() {
    this.socket?.close(1000);
    return Promise.resolve();
  }

  // --- commands ------------------------------------------------------------------------------------------------------

  #write(header, data) {
    const bodies = data === undefined || data === "" ? [] : this.helper.serialize(data);
    const count = Buffer.alloc(4);
    count.writeUInt32LE(1 + bodies.length);
    this.socket.send(count);
    this.socket.send(JSON.stringify(header));
    for (const body of bodies) this.socket.send(body);
  }
  #ask(header, awaited, handler, data) {
    const cid = `auto${this.ids++}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(cid, { resolve, reject, awaited: new Set(awaited), handler });
      this.#write({ ...header, cid }, data);
    });
  }
  publish(topic, data) {
    this.#write({ c: "publish", t: topic }, data);
  }
  deltaPublish(topic, data) {
    this.#write({ c: "delta_publish", t: topic }, data);
  }
  execute(command, handler) {
    const { data, ...header } = command.fields;
    const acks = (header.a ?? "").split(",").filter(Boolean);
    if (!subscribes(header.c) && header.c !== "sow") {
      if (acks.length === 0) return Promise.resolve(this.#write(header, data));
      return this.#ask(header, acks, handler, data);
    }
    const id = header.sub_id ?? `sub${this.ids++}`;
    if (subscribes(header.c)) header.sub_id = id;
    if (header.c.startsWith("sow")) Object.assign(header, { query_id: id, bs: header.bs ?? 10 });
    const old = this.routes.get(id);
    this.routes.set(id, handler);
    return this.#ask(header, ["processed"], handler).then(
      () => id,
      (error) => {
        old ? this.routes.set(id, old) : this.routes.delete(id);
        throw error;
      },
    );
  }
  unsubscribe(id) {
    return this.#ask({ c: "unsubscribe", sub_id: id ?? "all", a: "processed" }, ["processed"]).then(() => {
      id ? this.routes.delete(id) : this.routes.clear();
    });
  }
  flush() {
    return this.#ask({ c: "flush", a: "processed" }, ["processed"]);
  }
  #delete(more, data) {
    return this.#ask({ c: "sow_delete", ...more, a: "stats" }, ["stats"], undefined, data);
  }
  sowDelete(topic, filter) {
    return this.#delete({ t: topic, filter });
  }
  sowDeleteByKeys(topic, sowKeys) {
    return this.#delete({ t: topic, sow_keys: sowKeys });
  }
  sowDeleteByData(topic, data) {
    return this.#delete({ t: topic }, data);
  }

  // --- what comes ----------------------------------------------------------------------------------------------------

  #take(octets, binary) {
    const body = () => this.helper.deserialize(binary ? octets : octets.toString());
    if (this.awaited === null) {
      const header = JSON.parse(octets.toString());
      if (header.c === "ack") return this.#ack(header);
      if (header.c === "sow") {
        this.awaited = { batch: header, left: header.bs };
      } else if (["p", "publish", "oof"].includes(header.c)) {
        if (header.l === 0) return this.#deliver(header, "");
        this.awaited = { header };
      } else if (header.query_id) {
        this.routes.get(header.query_id)?.(new Message(header));
      }
      return;
    }
    const state = this.awaited;
    if (state.batch && !state.record) {
      state.record = { ...state.batch, ...JSON.parse(octets.toString()) };
      return;
    }
    if (!state.batch) this.awaited = null;
    if (state.batch && --state.left === 0) this.awaited = null;
    const header = state.header ?? state.record;
    state.record = null;
    this.#deliver(header, body());
  }
  #deliver(header, data) {
    for (const id of (header.sids ?? header.query_id ?? "").split(",")) this.routes.get(id)?.(new Message(header, data));
  }
  #ack(header) {
    const call = this.waiting.get(header.cid);
    const message = new Message(header);
    if (call === undefined) return;
    const type = header.a;
    if (!call.awaited.has(type)) return call.handler?.(message);
    if (header.status !== "success" && header.status !== "retry") {
      this.waiting.delete(header.cid);
      return call.reject(new Error(header.reason ?? ""));
    }
    call.awaited.delete(type);
    call.handler?.(message);
    if (call.awaited.size === 0) call.resolve(message);
  }
}

module.exports = { Client, Command, TypeHelper };
