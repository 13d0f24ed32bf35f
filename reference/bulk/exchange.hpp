// One transfer over HTTP: admitted by its head, streamed into a hash or out of a source, and told as what it was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/desk.hpp"
#include "reference/bulk/http.hpp"

#include <memory>
#include <optional>

namespace ampspec::bulk {

class exchange final : public http_exchange {
 public:
  explicit exchange(std::shared_ptr<desk> at) : desk_(std::move(at)) {}

  beginning begin(const request_head&) override;
  std::optional<response> take(std::string_view piece) override;
  response finish() override;
  void aborted() override { upload_.reset(); }  // nothing is kept, and the token stays spent (BULK-010)

 private:
  struct upload {
    grant granted;
    std::unique_ptr<hasher> hash;
    std::uint64_t size = 0, most = 0;
  };
  std::shared_ptr<desk> desk_;
  std::optional<upload> upload_;
};

}  // namespace ampspec::bulk
