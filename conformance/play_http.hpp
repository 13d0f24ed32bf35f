// The HTTP side of a bulk transfer's vector: requests that we make to a server, requests of a client that we serve.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/http_message.hpp"
#include "conformance/play.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ampspec::conformance {

/// Lives as long as one play. Every request has a connection of its own; what is not ended is reset at the end.
class http_play {
 public:
  /// One of the subjects is null.
  http_play(server_subject* server, client_subject* client, bindings& names, patience& p, recorder& record)
      : server_(server), client_(client), names_(names), patience_(p), record_(record) {}
  ~http_play();
  http_play(const http_play&) = delete;
  http_play& operator=(const http_play&) = delete;

  /// Plays a step; throws deviation. A `transfer` gives the number of the call that it is, others give 0.
  std::uint64_t run(int step, const vectors::bulk_step&);

 private:
  struct exchange {
    std::string name;  ///< as it stands in the transcript
    std::unique_ptr<connection> link;
    http_message came;
    bool closed = false, was_reset = false;
    bool chunked = false;  ///< our body
  };
  using clock = std::chrono::steady_clock;

  void play(const vectors::http_step&);
  void play(const vectors::http_body_step&);
  void play(const vectors::http_end_step&);
  void play(const vectors::expect_http_step&);
  void play(const vectors::expect_alike_step&);
  void play(const vectors::transfer_step&);
  void play(const vectors::expect_request_step&);
  void play(const vectors::respond_step&);
  void play(const vectors::expect_no_request_step&);

  std::string text(const vectors::recipe&) const;
  void send(exchange&, const vectors::octets&, std::string caption);
  void send_chunk(exchange&, const vectors::octets& body, bool last);
  bool more(exchange&, clock::time_point until);
  bool read_head(exchange&);
  void read_body(exchange&, const std::optional<vectors::value_matcher>&, const std::string& what);
  void compare_headers(const exchange&, const vectors::box_matcher&, const std::string& what);
  std::string seen_status(const exchange&) const;
  std::vector<exchange>& named(const std::string& name);
  [[noreturn]] void deviate(std::string expected_word, std::string got_word, std::string expected, std::string got,
                            bool by_deadline = false) const;

  server_subject* server_;
  client_subject* client_;
  bindings& names_;
  patience& patience_;
  recorder& record_;
  int step_ = 0;
  std::uint64_t number_ = 0;
  std::map<std::string, std::vector<exchange>> exchanges_;
  std::map<std::string, std::string> bodies_;  ///< their beginnings, by the name of the exchange
};

}  // namespace ampspec::conformance
