// Prints the dictionary of a protocol for engines: its keys, commands and words, from the tables of the reference.
// SPDX-License-Identifier: Apache-2.0

// fuzz_dictionary amp|amps: what fuzz/dictionaries holds; a test compares them.
#include "reference/amp/session.hpp"
#include "reference/amps/field.hpp"

#include <cstdio>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace ampspec;

std::set<std::string> amp_words() {
  std::set<std::string> words;
  for (const std::string_view key : {"_ask", "_answer", "_command", "_error", "_error_code", "_error_description"}) {
    // With its length, as it stands in a box.
    if (amp::is_reserved(key)) words.insert(std::string("\0", 1) + static_cast<char>(key.size()) + std::string(key));
  }
  for (const std::string_view word :
       {amp::code_unhandled, amp::code_unknown, amp::code_tls_error, amp::command_start_tls}) {
    words.emplace(word);
  }
  for (const char* word : {"True",
                           "False",
                           "inf",
                           "-inf",
                           "nan",
                           "Infinity",
                           "sNaN",
                           "E+",
                           "E-",
                           "e308",
                           "e-324",
                           "1e400",
                           "2012-01-23T12:34:56.054321-01:23",
                           "1900-02-29",
                           "+14:00",
                           "-00:01",
                           "\xc3\xa9",
                           "\xed\xa0\x80",
                           "\xf4\x8f\xbf\xbf",
                           "\xef\xbb\xbf",
                           "9223372036854775808"}) {
    words.emplace(word);
  }
  for (const std::string_view octets :
       {std::string_view("\0\0", 2), std::string_view("\xff\xff", 2), std::string_view("\0\xff", 2),
        std::string_view("\1\0", 2), std::string_view("\x7f\xff", 2), std::string_view("\x80\0", 2)}) {
    words.emplace(octets);
  }
  return words;
}

std::set<std::string> amps_words() {
  std::set<std::string> words;
  for (const auto& f : amps::all_fields) {
    for (const std::string_view name : {f.written, f.also[0], f.also[1]}) {
      if (!name.empty()) words.insert("\"" + std::string(name) + "\":");
    }
  }
  for (const char* word : {"{}",
                           "[]",
                           "null",
                           "true",
                           "\\u0041",
                           "\\ud83d\\ude00",
                           "4294967295",
                           "4294967296",
                           "18446744073709551615",
                           "18446744073709551616",
                           "209715200",
                           "209715201",
                           "processed",
                           "completed",
                           "persisted",
                           "received",
                           "parsed",
                           "stats",
                           " AND ",
                           " OR ",
                           "NOT ",
                           " LIKE ",
                           " BETWEEN ",
                           " IN (",
                           " IS NULL",
                           "/id",
                           "^a.*$",
                           "(?i)",
                           "tcp://",
                           "ws://",
                           "/amps/json",
                           "?a=b&c=d"}) {
    words.emplace(word);
  }
  for (auto i = static_cast<int>(amps::command::logon); i <= static_cast<int>(amps::command::oof); ++i) {
    words.insert("\"c\":\"" + std::string(amps::written_word(static_cast<amps::command>(i))) + "\"");
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view which = argc == 2 ? argv[1] : "";
  if (which != "amp" && which != "amps") {
    std::fputs("usage: fuzz_dictionary amp|amps\n", stderr);
    return 2;
  }
  for (const std::string& word : which == "amp" ? amp_words() : amps_words()) {
    std::putchar('"');
    for (const char c : word) {
      if (c >= ' ' && c < '\x7f' && c != '"' && c != '\\') {
        std::putchar(c);
      } else {
        std::printf("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      }
    }
    std::puts("\"");
  }
}
