// A file that is unlinked as soon as it is there.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/temporary_file.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

namespace ampspec::peer {

namespace {

constexpr std::uint64_t largest = std::uint64_t{1} << 30;

class unlinked_file final : public behaviour::temporary_file {
 public:
  explicit unlinked_file(int descriptor) : descriptor_(descriptor) {}
  ~unlinked_file() override { ::close(descriptor_); }

  bool write(std::string_view octets) override {
    if (octets.size() > largest - size_) return false;
    while (!octets.empty()) {
      const auto put = ::write(descriptor_, octets.data(), octets.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      octets.remove_prefix(static_cast<std::size_t>(put));
      size_ += static_cast<std::uint64_t>(put);
    }
    return true;
  }

  bool read(const std::function<void(std::string_view)>& piece) override {
    std::vector<char> buffer(65536);
    for (std::uint64_t at = 0; at < size_;) {
      const auto got = ::pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      piece({buffer.data(), static_cast<std::size_t>(got)});
      at += static_cast<std::uint64_t>(got);
    }
    return true;
  }

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<behaviour::temporary_file> make_temporary_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/ampspec-stream-XXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return nullptr;
  ::unlink(name.c_str());
  return std::make_unique<unlinked_file>(descriptor);
}

}  // namespace ampspec::peer
