// Property: chunks of a BigString are found, joined and cut as the naive implementation does it.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/big_string.hpp"
#include "reference/naive/big_string.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace ampspec::fuzz {
namespace {

amp::box boxed(const naive::box& pairs) {
  amp::box box;
  for (const auto& [key, value] : pairs) box.add(key, value);
  return box;
}

void join(std::string_view name, const naive::box& pairs, amp::big_names names, naive::big_names naive_names) {
  using how = naive::joined::how;
  const amp::box box = boxed(pairs);
  const auto strict = amp::join_big(box, name, names);
  const auto plain = naive::join_big(name, pairs, naive_names);
  if (!strict) {
    AMPSPEC_ORACLE("differential", plain.what == how::wrong);
  } else if (!*strict) {
    AMPSPEC_ORACLE("differential", plain.what == how::absent);
  } else {
    AMPSPEC_ORACLE("differential", plain.what == how::value && plain.octets() == **strict);
    const auto lenient = amp::join_big(box, name, names, amp::profile::lenient);
    AMPSPEC_ORACLE("model", lenient && *lenient == *strict);
  }
  for (const auto& [key, value] : pairs) {
    AMPSPEC_ORACLE("differential",
                   amp::is_chunk_key(key, name, names) == naive::is_chunk(key, std::string(name), naive_names));
  }
}

void split(const std::string& name, const std::string& value, std::size_t chunk, amp::big_names names,
           naive::big_names naive_names) {
  amp::box cut;
  const auto refused = amp::split_big(name, value, cut, names, chunk);
  if (refused) {
    AMPSPEC_ORACLE("sticky", cut.empty());
  } else {
    const auto back = amp::join_big(cut, name, names);
    AMPSPEC_ORACLE("round-trip", back && *back && **back == value);
  }
  if (chunk != amp::max_value || (value.empty() && names == amp::big_names::flocker))
    return;  // a choice: flocker-empty
  const auto plain = naive::split_big(name, value, naive_names);
  AMPSPEC_ORACLE("differential", plain.has_value() == !refused.has_value());
  if (plain) AMPSPEC_ORACLE("differential", owned(cut) == *plain);
}

}  // namespace

void amp_bigstring(std::string_view input) {
  maker from(input);
  const bool flocker = from.flag();
  const auto names = flocker ? amp::big_names::flocker : amp::big_names::amphacks;
  const auto naive_names = flocker ? naive::big_names::from_zero : naive::big_names::from_two;
  std::string name = from.flag() ? from.text() : "b";
  name.resize(std::min<std::size_t>(name.size(), 300));  // a key is shorter, and each chunk has one
  std::size_t chunk = from.flag() ? 1 + from.octet() : amp::max_value;
  const std::string value = from.text();
  chunk = std::max(chunk, value.size() / 500);  // more chunks only take more time
  split(name, value, chunk, names, naive_names);

  naive::box pairs;
  std::set<std::string> keys;
  while (!from.empty() && pairs.size() < 64) {
    std::string key;
    std::size_t number = 0;
    switch (from.below(4)) {
      case 0:
        key = name;
        break;
      case 1:
        number = from.octet();
        key = name + (number >= 0xe0 ? ".0" : ".") + std::to_string(number % 16);
        break;
      case 2:
        key = name + "." + std::string(from.take(from.below(24)));
        break;
      default:
        key = from.text();
    }
    std::string octets(from.take(from.below(8)));
    if (keys.insert(key).second) pairs.emplace_back(std::move(key), std::move(octets));
  }
  join(name, pairs, names, naive_names);
}

}  // namespace ampspec::fuzz
