// Each message in one line, its fields under their documented names.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_narrator.hpp"

#include "reference/amps/field_values.hpp"
#include "reference/amps/options.hpp"
#include "reference/peer/escaped.hpp"

#include <ostream>

namespace ampspec::peer {

amps_narrator::amps_narrator(std::uint64_t number, std::ostream& out, bool show_secrets)
    : label_(std::to_string(number)), out_(out), show_secrets_(show_secrets) {}

void amps_narrator::say(char sign, std::string_view text) {
  out_ << '#' << label_ << ' ' << sign << ' ' << text << std::endl;
}

void amps_narrator::tell(char sign, const amps::header_view& header, std::string_view body, std::uint64_t body_size) {
  constexpr std::size_t most = 64;
  std::string text;
  header.for_each([&](amps::field f, std::string_view value) {
    if (!text.empty()) text += ' ';
    text += std::string(amps::names_of(f).written) + '=';
    text += f == amps::field::password && !show_secrets_ ? std::string(value.size(), '*')
                                                         : escaped(value.substr(0, 4 * most));
  });
  if (body_size > 0) text += " | " + escaped(body.substr(0, most));
  if (body_size > most) text += "... (" + std::to_string(body_size) + " octets)";
  say(sign, text);
  if (sign != '<' || header.what() == amps::command::heartbeat) return;  // an interval is no name
  for (const auto& option : amps::options_from(header[amps::field::options])) {
    if (amps::is_documented_option(option.name)) continue;
    say('-', "option '" + escaped(option.name.substr(0, most)) + "' is in no documentation: it has no effect");
  }
}

}  // namespace ampspec::peer
