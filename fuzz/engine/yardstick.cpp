// A small parser of boxes that has nothing of ours: what a machine makes of a fuzz target in some time.
// SPDX-License-Identifier: Apache-2.0

// A floor in executions a second would say more of the machine than of a target: of two machines that ran the smoke one
// was twice as fast as the other. Floors are shares of what this does (fuzz/tools/smoke.py). It is what people write
// first, and allocates, compares and copies as targets do; whoever changes it measures all floors anew.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using box = std::map<std::string, std::string>;

// Boxes of 16-bit lengths, up to the first that is not whole.
std::vector<box> parsed(std::string_view octets) {
  std::vector<box> boxes;
  box now;
  const auto field = [&](std::string& to) {
    if (octets.size() < 2) return false;
    const std::size_t size =
        std::size_t{static_cast<unsigned char>(octets[0])} << 8 | static_cast<unsigned char>(octets[1]);
    if (octets.size() < 2 + size) return false;
    to = octets.substr(2, size);
    octets.remove_prefix(2 + size);
    return true;
  };
  for (std::string key, value; field(key);) {
    if (key.empty()) {
      boxes.push_back(std::move(now));
      now.clear();
    } else if (field(value)) {
      now[key] = value;
    } else {
      break;
    }
  }
  return boxes;
}

void put(std::string& out, std::string_view field) {
  out.append({static_cast<char>(field.size() >> 8), static_cast<char>(field.size())}).append(field);
}

std::string written(const std::vector<box>& boxes) {
  std::string out;
  for (const box& b : boxes) {
    for (const auto& [key, value] : b) {
      put(out, key);
      put(out, value);
    }
    put(out, {});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto boxes = parsed({reinterpret_cast<const char*>(data), size});
  if (parsed(written(boxes)) != boxes) std::abort();
  return 0;
}
