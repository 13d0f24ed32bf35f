// Property: as amp_decode and amp_feed, for streams up to 1 MiB that a few octets of input describe.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/input.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/targets/targets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ampspec::fuzz {
namespace {

// Appends to a stream what octets describe: literal octets, lengths, repetitions. The stream is cut at `most`.
void expand(std::string& s, maker from, std::size_t most) {
  constexpr std::array<std::size_t, 16> sizes{0,     1,     254,   255,    256,    4096,   32767,  32768,
                                              65533, 65534, 65535, 100000, 131069, 131070, 131071, 196605};
  const auto length = [&](std::size_t n) { s.append({static_cast<char>(n >> 8), static_cast<char>(n)}); };
  while (!from.empty() && s.size() < most) {
    const std::size_t op = from.below(8);
    const std::size_t size = sizes[from.below(sizes.size())];
    switch (op) {
      case 0:
        s += from.take(1 + from.below(32));
        break;
      case 1:
        s.append(size, 'x');
        break;
      case 2: {  // the last octets again and again
        const std::string last = s.substr(s.size() - std::min<std::size_t>(s.size(), 1 + from.below(64)));
        for (std::size_t i = from.below(256); i > 0 && s.size() < most; --i) s += last;
        break;
      }
      case 3:  // a pair whose value is as long as its length says
        s.append({'\0', '\1', static_cast<char>(from.octet())});
        length(std::min<std::size_t>(size, 65535));
        s.append(std::min<std::size_t>(size, 65535), 'v');
        break;
      case 4: {  // a value in chunks, and perhaps without its last one
        s.append({'\0', '\1', static_cast<char>(from.octet())});
        std::size_t left = size;
        for (; left >= 65535; left -= 65535) length(65535), s.append(65535, 'c');
        if (!from.flag()) length(left), s.append(left, 'e');
        break;
      }
      case 5: {  // small pairs, rarely very many: each costs more than a thousand octets of a value
        const std::size_t how = from.octet();
        const std::size_t count = 1 + (how < 208 ? how : 80 * (how - 205));
        for (std::size_t i = 0; i < count && s.size() < most; ++i) {
          s.append({'\0', '\3', static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26 % 26),
                    static_cast<char>('a' + i / 676), '\0', '\0'});
        }
        break;
      }
      default:
        length(0);  // the end of a box, or of a value in chunks
    }
  }
  s.resize(std::min(s.size(), most));
}

}  // namespace

void amp_large(std::string_view input) {
  maker from(input);
  const std::string_view front = from.take(header_size);
  const settings with = read_input(std::string(front).append(header_size, '\0')).with;
  // Two values in chunks, with what lies around them, are long enough for all but a few.
  const std::size_t most = with.seed % 8 == 7 ? 1u << 20 : 1u << 18;
  static std::string stream;  // one for all inputs: half of the time went into bringing its pages again and again
  stream = written(with);
  expand(stream, from, header_size + most);
  amp_decode(stream);
  amp_feed(stream);
}

}  // namespace ampspec::fuzz
