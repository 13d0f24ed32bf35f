// The vector as data: what a file says, with names not yet resolved. Knows no socket and no codec.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/recipe.hpp"
#include "conformance/vectors/value.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ampspec::vectors {

enum class role { codec, server, client };
inline constexpr std::array all_roles{role::codec, role::server, role::client};
std::string_view name_of(role);
std::optional<role> role_named(std::string_view);

enum class tier { normal, large, soak };  ///< `default` is a keyword of C++

/// A box to be sent or encoded: pairs in the order written.
struct box_recipe {
  std::vector<pair_atom> pairs;
  source_mark mark;
};

/// What runs on the wire of a protocol's vectors: streams and bulk transfer are conversations over AMPv1.
inline std::string_view wire_protocol_of(std::string_view protocol) {
  return protocol == "stream" || protocol == "bulk" ? "amp1" : protocol;
}

// --- expected values -------------------------------------------------------------------------------------------------

struct value_matcher;
struct match_exact {
  recipe bytes;
};
struct match_any {};  ///< present, whatever it is
struct match_absent {};
struct match_regex {
  std::string pattern;
};
struct match_utf8 {
  expression max_octets;
};
struct match_integer {};
struct match_base64 {};
struct match_iso8601 {};
struct match_digest {
  std::string sha256;
};  ///< lower-case hex
struct match_one_of {
  std::vector<value_matcher> any;
};
struct match_capture {
  std::string name;
  std::vector<value_matcher> as;
};  ///< `as` empty or of one
struct match_same {
  std::string name;
};
struct match_fresh {
  std::string name;
};  ///< no earlier `fresh` of that name saw it
struct match_above {
  std::string name;
};  ///< digits of a number above what was captured
struct match_not {
  std::vector<value_matcher> inner;
};  ///< of one

struct value_matcher {
  std::variant<match_exact, match_any, match_absent, match_regex, match_utf8, match_integer, match_base64,
               match_iso8601, match_digest, match_one_of, match_capture, match_same, match_fresh, match_above,
               match_not>
      what;
  source_mark mark;
};

struct box_matcher {
  std::vector<std::pair<recipe, value_matcher>> pairs;
  bool repeats = false;     ///< a key stands twice: compare order and repeats exactly
  bool others_any = false;  ///< `others: any`
  source_mark mark;
};

// --- expectations of decode and encode -------------------------------------------------------------------------------

enum class ending { clean, incomplete, reject, any };

struct decode_expectation {
  std::vector<box_matcher> delivers;
  ending end = ending::clean;
  std::string reject_class;  ///< empty: not said
  std::optional<expression> by, not_before, at;
};

struct encode_expectation {
  std::optional<recipe> bytes;
  std::string refuse;  ///< class, if `bytes` is absent
};

/// One expectation, or the branches of a named choice.
template <class T>
struct chosen {
  std::string choice;  ///< empty: there is exactly one branch
  std::vector<std::pair<std::string, T>> branches;
};

// --- steps ----------------------------------------------------------------------------------------------------------

struct step;
using steps = std::vector<step>;

/// A message of AMPS apart from its transport: what stands in front of header and body, and between them, is the
/// transport's.
struct message_recipe {
  recipe header, body;
};
/// A WebSocket frame of ours: `text`, `binary`, `continuation`, `ping`, `pong` or `close`.
struct ws_item {
  std::string kind;
  recipe payload;
  bool last = true;    ///< FIN
  bool masked = true;  ///< as a client must
};
struct send_step {
  recipe bytes;
  std::vector<message_recipe> messages = {};  ///< of `frame` and `frames`, which `bytes` has as TCP carries them
  std::vector<ws_item> ws = {};               ///< of `ws`; then `bytes` is empty
};                                            ///< `box`, `boxes` and `bytes` alike
struct expect_boxes_step {
  std::vector<box_matcher> boxes;
  bool any_order = false;
  std::optional<expression> within = {};  ///< milliseconds for each; none: as long as an answer may take
};
/// The result of a query: group_begin, batches, group_end.
struct expect_group_step {
  value_matcher query_id;
  std::vector<box_matcher> records;  ///< each with the topic of its batch, without `l`
  bool any_order = false;
  std::optional<expression> batch = {};  ///< the most records of one batch; none: any number
};
struct expect_bytes_step {
  recipe bytes;
};
/// A pong of WebSocket.
struct expect_pong_step {
  value_matcher payload;
};
struct expect_close_step {
  std::optional<value_matcher> code = {};  ///< of WebSocket; 1005: none was told, 1006: no close frame
  std::optional<expression> within = {};   ///< milliseconds; none: as long as an answer may take
};
struct expect_silence_step {
  bool close_allowed = false;
  bool by_waiting = false;               ///< no fence: it could not be answered now
  std::optional<expression> lasts = {};  ///< `for`: milliseconds of waiting instead
};
struct half_close_step {};
struct close_step {};
struct reset_step {};
struct call_step {
  std::string name;
  std::optional<recipe> command;  ///< none: the box is handed over to be sent as it is
  box_recipe box;
  bool ask = true;
  std::string of;                                                ///< AMPS: the earlier call that it is about; or empty
  enum class change { none, tls, other } starts = change::none;  ///< `starts`: it asks for this change of the transport
};
/// From here on the octets of both directions are TLS.
struct start_tls_step {
  recipe after;        ///< in clear, in one write with our handshake
  bool fails = false;  ///< the handshake must not succeed
  enum class spoil { nothing, garbage, alert, close } by = spoil::nothing;  ///< what we do instead of a handshake
};
/// From here on the octets of both directions are another protocol, which sends back what it receives.
struct switched_step {};
struct expect_ended_step {
  std::string call;
  std::vector<std::string> how;  ///< any of; never empty
  std::optional<box_matcher> box;
  std::vector<std::string> kind;  ///< any of; empty: any
  std::optional<value_matcher> code, description;
};
struct expect_pending_step {
  std::string call;
};

/// A request over HTTPS, each on a connection of its own.
struct http_step {
  std::string name;
  recipe method;
  recipe url;
  std::optional<recipe> target;  ///< instead of that of the URL
  box_recipe headers;            ///< in the order written, behind Host
  std::optional<recipe> token;   ///< for `Authorization: Bearer`
  std::optional<recipe> body;
  std::optional<expression> length;  ///< Content-Length that is announced; none: that of the body
  bool chunked = false;
  bool open = false;                ///< more of the body comes by `http_body`
  bool plain = false;               ///< without TLS
  std::optional<expression> times;  ///< so many at once
};
struct http_body_step {
  std::string request;
  recipe bytes;
  bool last = false;
};
struct http_end_step {
  std::string request;
  bool reset = false;
};
struct expect_http_step {
  std::string request;
  std::vector<std::string> status;                         ///< any of: `201`, `2xx`, `closed`
  std::vector<std::pair<std::string, expression>> counts;  ///< instead: how many of each
  std::optional<box_matcher> headers;                      ///< names in lower case
  std::optional<value_matcher> body;
  bool framed = false;  ///< the end of the body must be told by its head
};
struct expect_alike_step {
  std::vector<std::string> requests;
};
/// Makes a client move something: BulkOpen over AMP, then one transfer. Ends like a call.
struct transfer_step {
  std::string name;
  bool upload = false;
  recipe resource;
  recipe body;  ///< of an upload
};
/// What the client's request to our HTTPS side must be.
struct expect_request_step {
  std::string name;
  std::string at;  ///< which of our origins; empty: `main`
  value_matcher method, target;
  std::optional<box_matcher> headers;  ///< names in lower case
  std::optional<value_matcher> body;
};
struct respond_step {
  std::string request;
  expression status;
  box_recipe headers;
  recipe body;
  std::optional<expression> length;  ///< announced instead of that of the body
};
/// Our HTTPS side sees no further request.
struct expect_no_request_step {};
/// A step of a bulk transfer beside the AMP connection.
struct bulk_step {
  std::variant<http_step, http_body_step, http_end_step, expect_http_step, expect_alike_step, transfer_step,
               expect_request_step, respond_step, expect_no_request_step>
      what;
};
std::string_view verb_of(const bulk_step&);

/// AMPS: what the client is made with, before it connects.
struct attach_step {
  std::string client_name, user, password;
  bool store = false, reconnect = false;
};
/// AMPS: the client is made to log on, or does so by itself behind `reattach`; we ack it.
struct log_on_step {
  expression persisted;  ///< `s` of the ack
};
/// AMPS: the acks that the client asked for, in one write.
struct acks_step {
  std::string asked;                                    ///< what its `a` is captured as; nothing is sent if it was not
  std::vector<std::pair<std::string, recipe>> by_type;  ///< those that may be sent, in the order in which they are
};
/// AMPS: what came for a call; what the server refused to store.
struct expect_message_step {
  std::string call;
  box_matcher message;
};
struct expect_unwritten_step {
  std::optional<value_matcher> sequence, reason;
  std::optional<box_matcher> message;
};
/// AMPS: the client connects again by itself.
struct reattach_step {};
/// A step of an AMPS client beside its messages.
struct amps_step {
  std::variant<attach_step, log_on_step, acks_step, expect_message_step, expect_unwritten_step, reattach_step> what;
};
std::string_view verb_of(const amps_step&);
struct choice_step {
  std::string choice;
  std::vector<std::pair<std::string, steps>> branches;
};

struct repeat_step {
  expression times;
  std::string as;  ///< the name that counts from 0 in `body`; may be empty
  steps body;
};
struct write_stream_step {
  std::string name;  ///< of the call as which it ends
  recipe pattern;
  std::optional<expression> size;  ///< none: the pattern once
  std::optional<expression> window;
  std::string end;
};
struct take_writes_step {
  value_matcher id;
  recipe data;
  std::optional<expression> until;  ///< none: all of `data`
  std::string hold;                 ///< what the tag of the last write is bound to, which is not answered; or empty
};

/// Of one `repeat`, and of all of them in one another.
inline constexpr std::uint64_t most_rounds = 100'000;

struct step {
  std::variant<send_step, expect_boxes_step, expect_bytes_step, expect_close_step, expect_silence_step, half_close_step,
               close_step, reset_step, call_step, boxed<expect_ended_step>, expect_pending_step, choice_step,
               start_tls_step, switched_step, repeat_step, write_stream_step, take_writes_step, boxed<bulk_step>,
               expect_group_step, boxed<amps_step>, expect_pong_step>
      what;
  std::string connection = "main";
  source_mark mark;
};
std::string_view verb_of(const step&);  ///< the key in the file: `send`, `expect`, `expect_close`...

// --- the vector ------------------------------------------------------------------------------------------------------

/// Something for each role of a vector; roles for which it is the same share it.
template <class T>
class by_role {
 public:
  const T& at(role r) const { return *by_role_.at(r); }
  bool has(role r) const { return by_role_.contains(r); }
  void set(role r, T one) { by_role_[r] = std::make_shared<const T>(std::move(one)); }
  void set(const std::vector<role>& roles, T same) {
    const auto shared = std::make_shared<const T>(std::move(same));
    for (const auto r : roles) by_role_[r] = shared;
  }
  /// Of roles and pointers that are not null.
  auto begin() const { return by_role_.begin(); }
  auto end() const { return by_role_.end(); }

 private:
  std::map<role, std::shared_ptr<const T>> by_role_;
};

struct decode_kind {
  recipe bytes;
  std::optional<recipe> then;
  by_role<chosen<decode_expectation>> expect;
};
struct encode_kind {
  box_recipe box;
  chosen<encode_expectation> expect;
};
struct steps_kind {
  by_role<steps> play;
};
struct growth_kind {
  recipe bytes;
  std::vector<std::uint64_t> n;
  expression every;
  double at_most = 0;
};
struct sample_kind {
  std::uint64_t boxes = 0;  ///< or values, of `type`
  std::uint64_t seed = 0;
  std::string law;  ///< of boxes: round-trip, encode-decodes; of values: print-reads, print-parses
  std::optional<wire::value_type> type;
};

/// What is parsed or printed: one value of `type`, or a box with `arguments`. Names may be `$name`: see `resolve`.
struct typed_thing {
  std::optional<wire::value_type> type;
  wire::value_schema arguments;  ///< without a type
};
struct parse_expectation {
  std::optional<value_recipe> value;    ///< of a type
  std::optional<record_recipe> record;  ///< of arguments; neither: refuse
};
struct parse_kind {
  typed_thing of;
  recipe bytes;    ///< of a type
  box_recipe box;  ///< of arguments
  chosen<parse_expectation> expect;
};
struct print_expectation {
  std::vector<recipe> bytes;  ///< one of them
  std::optional<value_recipe> reads_as;
  std::optional<box_matcher> box;
  bool refuse = false;
};
struct print_kind {
  typed_thing of;
  std::optional<value_recipe> value;
  record_recipe record;
  source_mark mark;  ///< of the value or record
  chosen<print_expectation> expect;
};

/// How a WebSocket connection begins.
struct upgrade_setup {
  recipe path;                ///< empty: /amps/json
  box_recipe headers;         ///< further ones; of one that we write anyway: instead, or none if it is empty
  std::string mode = "text";  ///< the first message, `text` or `binary`; `none`: the vector sends it, or none
  std::string status;         ///< the upgrade must be refused with such a status (`4xx`); empty: it must be done
};

struct matrix_axis {
  std::string name;
  std::vector<std::string> values;
};

struct vector {
  std::string id, title, suite, protocol;
  std::vector<std::string> cites, touches;
  std::vector<role> roles;
  std::map<role, std::vector<std::string>> needs;  ///< `requires`; every role has an entry
  tier level = tier::normal;
  std::vector<matrix_axis> matrix;
  std::vector<std::string> catches;
  bool cut = true;    ///< `cuts`
  bool fence = true;  ///< `fence`
  std::string form;   ///< `form`: what is decoded or encoded, if it is no stream of messages
  // Of AMPS.
  std::vector<std::string> transports{"tcp"};  ///< one check for each; of servers and clients
  std::string fixture;                         ///< how the server is set up; empty: with its log, without its users
  std::vector<std::string> holds;              ///< topics that no other vector uses meanwhile, emptied before each play
  bool opening = true;                         ///< each connection of a server begins with a logon of ours
  upgrade_setup upgrade;                       ///< of WebSocket
  std::string since;
  std::variant<decode_kind, encode_kind, steps_kind, growth_kind, sample_kind, parse_kind, print_kind> kind;
  source_mark mark;
  int last_line = 0;           ///< last line of the vector in its file, for `show`
  std::uint64_t likeness = 0;  ///< equal for near-copies: all but id, title, cites, touches, catches, since and labels
};

/// Every combination of matrix values, in the order written; one empty scope if there is no matrix.
std::vector<scope> matrix_points(const vector&);
/// `n=255`, or `n=255,at=first`; empty without a matrix. Names a variant in results.
std::string variant_name(const vector&, const scope& point);

struct suite_file {
  std::string path;  ///< as given to the loader
  std::string suite, protocol, ids;
  std::vector<std::string> retired;
  std::vector<vector> vectors;
  source_mark suite_mark, protocol_mark, ids_mark,
      retired_mark;  ///< of the values; `retired_mark` has line 0 without the key
};

// --- catalogues ------------------------------------------------------------------------------------------------------

enum class level { must, should, may };
std::string_view name_of(level);

struct requirement {
  std::string id, text, evidence;
  level strength = level::must;
  std::string source;          ///< protocol, reconstructed or project
  std::vector<role> shown_by;  ///< the roles of "By"
  bool both = false;           ///< `both`: shown by both directions of one connection, in the server or the client role
  std::string excluded;        ///< reason; empty: not excluded
  source_mark mark;
};

struct feature {
  std::string name, text;
  std::vector<std::string> frees;
  source_mark mark;
};
struct choice {
  std::string name, question, row;
  std::vector<std::string> branches;
  source_mark mark;
};
struct fault {
  std::string name, clause, text, home;
  bool planned = false;
  source_mark mark;
};

struct catalogue {
  std::map<std::string, requirement, std::less<>> requirements;
  std::map<std::string, feature, std::less<>> features;
  std::map<std::string, choice, std::less<>> choices;
  std::map<std::string, std::map<std::string, std::string>, std::less<>> profiles;  ///< name -> choice -> branch
  std::map<std::string, fault, std::less<>> faults;
};

}  // namespace ampspec::vectors
