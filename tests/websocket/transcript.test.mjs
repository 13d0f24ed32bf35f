// The documented flow of a WebSocket client, played whole against the peer, and what the wire beside it demands.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, test } from "node:test";
import WebSocket from "ws";
import { Connection, count, endAll, hash, key } from "./connection.mjs";

const peer = process.env.AMPS_PEER; // ws://127.0.0.1:PORT
const json = (options) => Connection.open(`${peer}/amps/json`, options);
const record1 = key("conf/sow", "1");
const record3 = key("conf/sow", "3");
const us = (id) => `{"id":${id},"region":"US"}`;
const eu = (id) => `{"id":${id},"region":"EU"}`;

after(endAll); // what a test that failed has left open

test("names and keys are hashed as documented", () => {
  assert.equal(hash("demo"), "11953709441258804118");
  assert.equal(record1, "9835947975505047547");
});

test("logon", async () => {
  const client = await json();
  client.send('{"c":"logon","cid":"auto0","a":"processed","version":"5.3.4.0:javascript","client_name":"demo","user_id":""}');
  await client.text(
    '{"c":"ack","cid":"auto0","client_name":"demo","s":0,"bm":"11953709441258804118|0|","a":"processed","status":"success",' +
      '"reason":"authentication disabled","version":"5.3.5.0"}',
  );
  assert.equal(client.socket.protocol, "");
  assert.equal(client.socket.extensions, "");
  assert.equal((await client.close()).code, 1000);
});

test("credentials, options and a longer path", async () => {
  const client = await Connection.open(`${peer}/a/b/AMPS/json?pretty=true`);
  await client.logon("with-credentials", { user_id: "alice", pw: "secret", o: "pretty" });
  await client.close();
});

test("publish with and without acks", async () => {
  const client = await (await json()).logon("publisher");
  client.send({ c: "publish", t: "conf/sow" }, us(1));
  client.send({ c: "publish", t: "conf/sow", a: "persisted", x: "QUJD", cid: "auto1" }, eu(2));
  await client.text('{"c":"ack","cid":"auto1","a":"persisted","status":"success"}');
  client.send({ c: "publish", t: "conf/sow", x: "QUJD", cid: "auto3", a: "" }, us(1));
  client.send({ c: "delta_publish", t: "conf/sow", e: 30, x: "abc=", cid: "auto14", a: "" }, us(2));
  await client.silent();
  client.send({ c: "sow_delete", t: "conf/sow", filter: "1=1", a: "stats", cid: "auto5" });
  await client.text('{"c":"ack","cid":"auto5","a":"stats","status":"success","topic_matches":2,"matches":2,"records_deleted":2}');
  await client.close();
});

test("a store: numbers in quotes, one ack for three, a failure of its own", async () => {
  const client = await (await json()).logon("store", { user_id: "bob", pw: "hunter2" });
  const first = 1795302463854000001n;
  for (let i = 0n; i < 3n; ++i) {
    client.send(`{"c":"publish","t":"conf/log","a":"persisted","s":"${first + i}"}`, `{"i":${i}}`);
  }
  const last = first + 2n;
  await client.text(`{"c":"ack","s":${last},"bm":"${hash("store")}|${last}|","a":"persisted","status":"success"}`);
  client.send(`{"c":"publish","t":"conf/secret","a":"persisted","s":"${last + 1n}"}`, "{}");
  await client.text(`{"c":"ack","s":${last + 1n},"a":"persisted","status":"failure","reason":"not entitled"}`);

  // The connection is lost; the next one has the same name.
  client.socket.terminate();
  const again = await json();
  again.send({ c: "logon", cid: "auto2", a: "processed", version: "1.0.0.0", client_name: "store" });
  await again.text(new RegExp(`^\\{"c":"ack","cid":"auto2","client_name":"store","s":${last},"bm":"${hash("store")}\\|${last}\\|",`));
  const bookmark = `${hash("store")}|${first + 1n}|`;
  again.send({ c: "subscribe", t: "conf/log", bm: bookmark, sub_id: "S1", cid: "auto3", a: "persisted,processed" });
  await again.text('{"c":"ack","cid":"auto3","sub_id":"S1","a":"processed","status":"success"}');
  await again.text(`{"c":"p","t":"conf/log","sids":"S1","bm":"${hash("store")}|${last}|","l":7}`, '{"i":2}');
  again.send(`{"c":"publish","t":"conf/log","a":"persisted","s":"${last}"}`, '{"i":2}');
  await again.text(`{"c":"ack","s":${last},"a":"persisted","status":"failure","reason":"duplicate"}`);
  await again.close();
});

test("subscribe, delivery, replace, unsubscribe", async () => {
  const client = await (await json()).logon("subscriber");
  client.send('{"c":"subscribe","t":"conf/sow","filter":"","cid":"auto2","sub_id":"auto2","a":"processed"}');
  await client.text('{"c":"ack","cid":"auto2","sub_id":"auto2","a":"processed","status":"success"}');
  client.send({ c: "publish", t: "conf/sow", x: "QUJD" }, us(3));
  await client.text(`{"c":"p","t":"conf/sow","sids":"auto2","k":"${record3}","x":"QUJD","l":22}`, us(3));
  client.send('{"c":"subscribe","t":"conf/sow","filter":"/region = \'EU\'","sub_id":"auto2","o":"replace","cid":"auto3","a":"processed"}');
  await client.text('{"c":"ack","cid":"auto3","sub_id":"auto2","a":"processed","status":"success"}');
  client.send({ c: "publish", t: "conf/sow" }, us(3));
  client.send({ c: "publish", t: "conf/sow" }, eu(3));
  await client.text(`{"c":"p","t":"conf/sow","sids":"auto2","k":"${record3}","l":22}`, eu(3));
  client.send('{"c":"unsubscribe","sub_id":"auto2","a":"processed","cid":"auto4"}');
  await client.text('{"c":"ack","cid":"auto4","a":"processed","status":"success"}');
  client.send({ c: "publish", t: "conf/sow" }, eu(3));
  await client.silent();
  client.send('{"c":"unsubscribe","sub_id":"all","a":"processed","cid":"auto5"}');
  await client.text('{"c":"ack","cid":"auto5","a":"processed","status":"success"}');
  await client.close();
});

test("a bookmark subscription with timestamps", async () => {
  const client = await (await json()).logon("reader");
  client.send({ c: "publish", t: "conf/logsow", s: "1" }, us(9));
  client.send({ c: "subscribe", t: "conf/logsow", bm: "0", o: "timestamp", a: "processed,completed", cid: "auto13", sub_id: "auto13" });
  const mark = `${hash("reader")}\\|1\\|`;
  await client.text('{"c":"ack","cid":"auto13","sub_id":"auto13","a":"processed","status":"success"}');
  await client.text(new RegExp(`^\\{"c":"p","t":"conf/logsow","sids":"auto13","bm":"${mark}","k":"\\d+","ts":"\\d{8}T\\d{6}\\.\\d{6}Z","l":22\\}$`), us(9));
  await client.text(new RegExp(`^\\{"c":"ack","cid":"auto13","sub_id":"auto13","bm":"${mark}","a":"completed","status":"success"\\}$`));
  await client.close();
});

test("queries, out-of-focus, deletion", async () => {
  const client = await (await json()).logon("query");
  for (const body of [us(1), eu(2), us(3)]) client.send({ c: "publish", t: "conf/sow" }, body);
  client.send('{"c":"sow","t":"conf/sow","filter":"/region = \'US\'","a":"processed,completed,stats","cid":"auto5","query_id":"auto5","bs":10}');
  const group = (id) => [
    `{"c":"group_begin","query_id":"${id}"}`,
    `{"c":"sow","t":"conf/sow","query_id":"${id}","gseq":1,"bs":2}`,
    `{"k":"${record3}","l":22}`, us(3),
    `{"k":"${record1}","l":22}`, us(1),
    `{"c":"group_end","query_id":"${id}"}`,
  ];
  await client.text(
    '{"c":"ack","cid":"auto5","query_id":"auto5","a":"processed","status":"success"}',
    ...group("auto5"),
    '{"c":"ack","cid":"auto5","query_id":"auto5","a":"completed","status":"success"}',
    '{"c":"ack","cid":"auto5","query_id":"auto5","a":"stats","status":"success","topic_matches":3,"matches":2,"records_returned":2}',
  );
  client.send('{"c":"sow_and_subscribe","t":"conf/sow","filter":"/region = \'US\'","o":"oof","cid":"auto6","sub_id":"auto6","query_id":"auto6","bs":10,"a":"processed"}');
  await client.text('{"c":"ack","cid":"auto6","query_id":"auto6","sub_id":"auto6","a":"processed","status":"success"}', ...group("auto6"));
  client.send({ c: "publish", t: "conf/sow" }, us(4));
  await client.text(`{"c":"p","t":"conf/sow","sids":"auto6","k":"${key("conf/sow", "4")}","l":22}`, us(4));
  client.send({ c: "publish", t: "conf/sow" }, eu(1));
  await client.text(`{"c":"oof","t":"conf/sow","sids":"auto6","k":"${record1}","reason":"match","l":22}`, eu(1));

  client.send({ c: "sow_delete", t: "conf/sow", sow_keys: record3, a: "stats", cid: "auto7" });
  const gone = (id, by) => [
    `{"c":"oof","t":"conf/sow","sids":"auto6","k":"${key("conf/sow", id)}","reason":"deleted","l":22}`, us(id),
    `{"c":"ack","cid":"${by}","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1}`,
  ];
  await client.text(...gone("3", "auto7"));
  client.send({ c: "sow_delete", t: "conf/sow", a: "stats", cid: "auto9" }, '{"id":4}');
  await client.text(...gone("4", "auto9"));
  client.send({ c: "sow_delete", t: "conf/sow", filter: "1=1", a: "stats", cid: "auto8" });
  await client.text('{"c":"ack","cid":"auto8","a":"stats","status":"success","topic_matches":2,"matches":2,"records_deleted":2}');
  await client.close();
});

test("a queue is acknowledged one by one and in lists", async () => {
  const client = await (await json()).logon("queue");
  client.send({ c: "subscribe", t: "conf/queue", cid: "q", o: "max_backlog=3", a: "processed" });
  await client.text('{"c":"ack","cid":"q","sub_id":"q","opts":"max_backlog=3","a":"processed","status":"success"}');
  for (const s of [1, 2, 3]) client.send({ c: "publish", t: "conf/queue", s }, `{"n":${s}}`);
  for (const s of [1, 2, 3]) {
    await client.text(new RegExp(`^\\{"c":"p","t":"conf/queue","sids":"q","bm":"${hash("queue")}\\|${s}\\|","lp":"\\d{8}T\\d{6}\\.\\d{6}Z","l":7\\}$`), `{"n":${s}}`);
  }
  client.send({ c: "sow_delete", t: "conf/queue", bm: `${hash("queue")}|1|`, cid: "auto10", a: "" });
  client.send({ c: "sow_delete", t: "conf/queue", bm: `${hash("queue")}|2|,${hash("queue")}|3|`, cid: "auto3", a: "stats" });
  await client.text('{"c":"ack","cid":"auto3","a":"stats","status":"success","topic_matches":2,"matches":2,"records_deleted":2}');
  await client.close();
});

test("heartbeats", async () => {
  const client = await (await json()).logon("beating");
  client.send('{"c":"heartbeat","a":"received","o":"start,1","cid":"auto1"}');
  await client.text('{"c":"ack","cid":"auto1","a":"received","status":"success"}', '{"c":"heartbeat"}');
  client.send('{"c":"heartbeat","o":"beat","cid":"auto2"}');
  await client.text('{"c":"heartbeat"}');
  await client.close();
});

test("errors are told in acks", async () => {
  const client = await (await json()).logon("errors", { user_id: "bob", pw: "hunter2" });
  client.send('{"c":"subscribe","t":"conf/secret","filter":"","cid":"auto8","sub_id":"auto8","a":"processed"}');
  await client.text('{"c":"ack","cid":"auto8","sub_id":"auto8","a":"processed","status":"failure","reason":"not entitled"}');
  client.send('{"c":"sow","t":"nosow","filter":"","cid":"auto9","query_id":"auto9","bs":10,"a":"processed,completed"}');
  await client.text('{"c":"ack","cid":"auto9","query_id":"auto9","a":"processed","status":"failure","reason":"invalid topic"}');
  client.send('{"c":"flush","a":"processed","client_name":"errors","cid":"auto10"}');
  await client.text('{"c":"ack","cid":"auto10","a":"processed","status":"success"}');
  assert.equal((await client.close()).code, 1000);
});

test("a failed logon closes with 1000", async () => {
  const client = await json();
  client.send({ c: "logon", cid: "1", a: "processed", client_name: "" });
  await client.text('{"c":"ack","cid":"1","client_name":"","a":"processed","status":"failure","reason":"no client name"}');
  assert.equal((await client.ended()).code, 1000);
});

test("binary and composite bodies", async () => {
  const octets = Buffer.from([1, 2, 0, 255]);
  const client = await (await Connection.open(`${peer}/amps/binary`, { mode: "binary" })).logon("octets");
  client.send({ c: "subscribe", t: "conf/plain/b", cid: "1" });
  client.send({ c: "publish", t: "conf/plain/b" }, octets);
  await client.text('{"c":"p","t":"conf/plain/b","sids":"1","l":4}');
  await client.binary(octets);
  await client.close();

  const parts = await (await Connection.open(`${peer}/amps/json-binary`, { mode: "binary" })).logon("parts");
  parts.send({ c: "subscribe", t: "conf/plain/b", cid: "1" });
  const body = [Buffer.from([0, 0, 0, 7]), Buffer.from('{"a":1}'), Buffer.from([0, 0, 0, 2]), Buffer.from([9, 8])];
  parts.send({ c: "publish", t: "conf/plain/b" }, ...body);
  await parts.text('{"c":"p","t":"conf/plain/b","sids":"1","l":17}');
  await parts.binary(Buffer.concat(body));
  await parts.close();
});

test("empty bodies: an empty message, none, and the word null", async () => {
  const client = await (await json()).logon("empty");
  client.send({ c: "subscribe", t: "conf/plain/e", cid: "1" });
  client.send({ c: "publish", t: "conf/plain/e" }, "");
  client.send({ c: "publish", t: "conf/plain/e" });
  client.send({ c: "publish", t: "conf/plain/e" }, "null");
  const empty = '{"c":"p","t":"conf/plain/e","sids":"1","l":0}';
  await client.text(empty, empty, '{"c":"p","t":"conf/plain/e","sids":"1","l":4}', "null");
  await client.close();
});

test("long bodies: fragments are joined, and come back in one frame", async () => {
  const client = await (await json()).logon("long");
  const body = `{"v":"${"é".repeat(20000)}"}`;
  client.send({ c: "subscribe", t: "conf/plain/l", cid: "1" });
  client.socket.send(count(2));
  client.socket.send('{"c":"publish","t":"conf/plain/l"}');
  const octets = Buffer.from(body);
  for (let at = 0; at < octets.length; at += 16384) {
    client.socket.send(octets.subarray(at, at + 16384), { binary: false, fin: at + 16384 >= octets.length });
  }
  await client.text(`{"c":"p","t":"conf/plain/l","sids":"1","l":${octets.length}}`, body);
  const large = "x".repeat(9_000_000);
  client.send({ c: "publish", t: "conf/plain/l" }, large);
  await client.text('{"c":"p","t":"conf/plain/l","sids":"1","l":9000000}', large);
  await client.close();
});

test("a ping is answered, and the end of a connection ends its subscriptions", async () => {
  const [one, two] = await Promise.all([json(), json()]);
  await Promise.all([one.logon("one"), two.logon("two")]);
  const pong = new Promise((resolve) => one.socket.on("pong", (octets) => resolve(octets.toString())));
  one.socket.ping("here?");
  assert.equal(await pong, "here?");
  one.send({ c: "subscribe", t: "conf/plain/two", cid: "1" });
  await one.silent();
  assert.deepEqual(await one.close(), { code: 1000, reason: "" });
  two.send({ c: "subscribe", t: "conf/plain/two", cid: "1" });
  two.send({ c: "publish", t: "conf/plain/two" }, "{}");
  await two.text('{"c":"p","t":"conf/plain/two","sids":"1","l":2}', "{}");
  await two.close();
});

test("what is no group closes its connection with the code that fits, and no other", async () => {
  const other = await (await json()).logon("other");
  const header = '{"c":"flush"}';
  const closes = async (code, ...messages) => {
    const client = await json({ mode: null });
    for (const [octets, options = {}] of messages) client.socket.send(octets, options);
    assert.equal((await client.ended()).code, code, JSON.stringify(messages));
  };
  const mode = ["text"];
  await closes(1002, ["Text"]);
  await closes(1002, [Buffer.from("text")]);
  await closes(1002, [count(1)]);
  await closes(1002, mode, ["\x01\0\0\0"]);
  await closes(1002, mode, [Buffer.alloc(5)]);
  await closes(1002, mode, [count(0)]);
  await closes(1009, mode, [count(65538)]);
  await closes(1002, mode, [count(1)], [Buffer.from(header)]);
  await closes(1002, mode, [count(1)], ["no header"]);
  await closes(1002, mode, [count(1)], ['{"t":"x"}']);
  await closes(1002, mode, [count(1)], [`${header} x`]);
  await closes(1002, mode, [count(1)], ['{"c":"ack"}']);
  await closes(1002, mode, [count(1), { mask: false }]);
  await closes(1007, mode, [count(1)], [Buffer.from('{"c":"\xff"}', "latin1"), { binary: false }]);
  await other.silent();
  await other.close();
});

test("other paths are not upgraded", async () => {
  for (const path of ["/", "/amps", "/amps/", "/json", "/amps/JSON", "/amps/xml", "/amps/json/x"]) {
    const refused = await new Promise((resolve, reject) => {
      const socket = new WebSocket(peer + path, { rejectUnauthorized: false });
      socket.on("unexpected-response", (request, response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      socket.on("open", () => reject(new Error(`${path} is upgraded`)));
      socket.on("error", () => {});
    });
    assert.equal(refused, 404, path);
  }
});

test("compression that is offered is declined", async () => {
  const client = await (await json({ perMessageDeflate: true })).logon("deflating");
  assert.equal(client.socket.extensions, "");
  await client.close();
});
