// Edits the lines of vector files, and reads the result back before it is written.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/edit.hpp"

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_tree.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace ampspec::vectors {
namespace {

namespace fs = std::filesystem;
using line_list = std::vector<std::string>;

// Without ends of lines and blanks before them.
line_list split(std::string_view text) {
  line_list lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t last = text.substr(0, end).find_last_not_of(" \t\r");
    lines.emplace_back(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined(const line_list& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

void write(const fs::path& file, const std::string& text) {
  const fs::path fresh = file.string() + ".new";
  std::ofstream stream(fresh, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(fresh, file, error);
  if (!stream || error) {
    fs::remove(fresh, error);
    throw load_error({file.string(), 1, 1}, "cannot be written; mind its permissions");
  }
}

bool is_comment(const std::string& line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first != std::string::npos && line[first] == '#';
}

// Same texts under the same keys; the order of keys means nothing.
bool same(const yaml_node& a, const yaml_node& b) {
  if (a.what != b.what || a.text != b.text || a.items.size() != b.items.size() || a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  return std::all_of(a.entries.begin(), a.entries.end(), [&](const yaml_entry& e) {
    const auto* other = b.find(e.key);
    return other != nullptr && same(e.value, *other);
  });
}

// Index of the line of a key at the margin; lines.size() if there is none.
std::size_t key_line(const line_list& lines, std::string_view key) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':';
  });
  return static_cast<std::size_t>(found - lines.begin());
}

// Index of the first line of each vector, comments right above it included, and its number of blanks before the dash.
struct block {
  std::size_t begin = 0, first = 0, end = 0;
  std::size_t indent = 0;
};
std::vector<block> blocks(const suite_file& file, const line_list& lines) {
  std::vector<block> all;
  for (const auto& v : file.vectors) {
    block b;
    b.first = b.begin = static_cast<std::size_t>(v.mark.line) - 1;
    b.end = static_cast<std::size_t>(v.last_line);
    b.indent = lines[b.first].find_first_not_of(' ');
    const bool block_style =
        lines[b.first].compare(b.indent, 2, "- ") == 0 && (all.empty() || all.back().end <= b.first);
    if (!block_style)
      throw load_error(v.mark, "vectors are not in block style; begin each with `- id: …` on a line of its own");
    while (b.begin > 0 && is_comment(lines[b.begin - 1]) && (all.empty() || b.begin > all.back().end)) --b.begin;
    all.push_back(b);
  }
  return all;
}

unsigned long number_of(const std::string& id, const suite_file& file) {
  unsigned long number = 0;
  if (!id.starts_with(file.ids + "-")) return 0;
  const char* begin = id.data() + file.ids.size() + 1;
  std::from_chars(begin, id.data() + id.size(), number);
  return number;
}

line_list retired_lines(const std::vector<std::string>& ids) {
  line_list lines{"retired: ["};
  for (const auto& id : ids) {
    if (lines.back().size() + id.size() > 110) lines.push_back("  ");
    lines.back() += id + (&id == &ids.back() ? "]" : ", ");
  }
  for (auto& line : lines) line.resize(line.find_last_not_of(' ') + 1);
  return lines;
}

// The keys of one vector as chunks of lines, in the usual order.
line_list ordered(const line_list& lines, const block& b) {
  const std::string margin(b.indent + 2, ' ');
  struct chunk {
    std::size_t rank;
    line_list lines;
  };
  std::vector<chunk> chunks;
  line_list comments;  // at the margin of keys: they belong to the key below
  for (std::size_t i = b.first; i < b.end; ++i) {
    std::string line = lines[i];
    if (i == b.first) line[b.indent] = ' ';
    const auto known = std::find_if(words::vector.begin(), words::vector.end(), [&](std::string_view key) {
      return line.compare(0, margin.size(), margin) == 0 && line.compare(margin.size(), key.size(), key) == 0 &&
             line.compare(margin.size() + key.size(), 1, ":") == 0;
    });
    if (line.compare(0, margin.size() + 1, margin + "#") == 0) {
      comments.push_back(line);
      continue;
    }
    if (known != words::vector.end()) chunks.push_back({static_cast<std::size_t>(known - words::vector.begin()), {}});
    if (chunks.empty())
      return {lines.begin() + static_cast<std::ptrdiff_t>(b.first), lines.begin() + static_cast<std::ptrdiff_t>(b.end)};
    auto& to = chunks.back().lines;
    to.insert(to.end(), comments.begin(), comments.end());
    comments.clear();
    to.push_back(line);
  }
  std::stable_sort(chunks.begin(), chunks.end(), [](const chunk& x, const chunk& y) { return x.rank < y.rank; });
  line_list all;
  for (const auto& c : chunks) all.insert(all.end(), c.lines.begin(), c.lines.end());
  all.front()[b.indent] = '-';
  all.insert(all.end(), comments.begin(), comments.end());
  return all;
}

// The role whose folder the file lies in; of a protocol that no codec plays, the server's.
role role_of(const suite_file& file) {
  if (file.suite.find("/client/") != std::string::npos) return role::client;
  const bool over_wire = file.protocol == "stream" || file.protocol == "bulk";
  return over_wire || file.suite.find("/server/") != std::string::npos ? role::server : role::codec;
}

// What stands between `cites` and `since` of a vector that is to be filled in; it loads.
line_list skeleton(const std::string& protocol, role in) {
  const bool amps = protocol == "amps";
  switch (in) {
    case role::codec:
      if (!amps) break;
      return {"  roles: [codec]", "  decode: [{frame: '{\"c\":\"p\",\"t\":\"orders\"}x'}]",
              "  expect: {delivers: [{header: {c: publish, t: orders}, body: x}], end: clean}"};
    case role::server:
      if (amps) {
        return {
            "  roles: [server]", "  steps:",
            "  - send: {frame: {header: {c: publish, t: conf/plain/x, cid: \"1\", a: processed}, body: '{\"id\":1}'}}",
            "  - expect: {frame: {header: {c: ack, cid: \"1\", a: processed, status: success}}}"};
      }
      return {"  roles: [server]", "  requires: [service.core]",
              "  steps:", "  - send: {box: {_ask: a, _command: Sum, a: \"13\", b: \"81\"}}",
              "  - expect: {box: {_answer: a, total: \"94\"}}"};
    case role::client:
      if (amps) {
        return {
            "  roles: [client]",
            "  steps:",
            "  - call: {name: s, command: subscribe, box: {t: orders}}",
            "  - expect: {frame: {header: {c: subscribe, t: orders, cid: {capture: cid}, sub_id: {capture: sub}, a: "
            "{capture: a}}}, others: any}",
            "  - acks: {asked: a, header: {cid: {same: cid}, sub_id: {same: sub}}}",
            "  - expect_ended: {call: s, how: answer}"};
      }
      return {"  roles: [client]",
              "  steps:",
              "  - call: {name: c, command: Sum, box: {a: \"13\", b: \"81\"}}",
              "  - expect: {box: {_ask: {capture: tag}, _command: Sum, a: \"13\", b: \"81\"}}",
              "  - send: {box: {_answer: {same: tag}, total: \"94\"}}",
              "  - expect_ended: {call: c, how: answer, box: {total: \"94\"}}"};
  }
  return {"  roles: [codec, server, client]", "  decode: [{hex: \"00\"}]", "  expect: {delivers: [], end: incomplete}"};
}

void push_without_double_blanks(line_list& to, const std::string& line) {
  if (!line.empty() || (!to.empty() && !to.back().empty())) to.push_back(line);
}

}  // namespace

std::string append_vector(const new_vector& wanted) {
  const std::string name = wanted.file.string();
  std::error_code error;
  suite_file file;
  line_list lines;
  if (fs::exists(wanted.file, error)) {
    const std::string text = read_text(wanted.file);
    file = load_suite_text(text, name);
    if (!wanted.ids.empty() && wanted.ids != file.ids) {
      throw load_error(file.ids_mark, "the ids of this file begin with " + file.ids + ", not " + wanted.ids +
                                          "; leave the prefix out");
    }
    lines = split(text);
  } else {
    if (wanted.ids.empty())
      throw load_error({name, 1, 1}, "no such file; to begin it name the prefix of its ids: --ids A1-LIM");
    file.ids = wanted.ids;
    const auto suite =
        fs::weakly_canonical(wanted.file).lexically_relative(fs::weakly_canonical(wanted.root)).replace_extension();
    file.suite = suite.generic_string();
    if (file.suite.starts_with("..") || !suite.has_parent_path()) {
      throw load_error({name, 1, 1}, "not in the folder of a protocol; name a file such as " +
                                         (wanted.root / "amp1/frame/limits.yaml").string());
    }
    file.protocol = suite.begin()->string();
    if (std::find(words::protocols.begin(), words::protocols.end(), file.protocol) == words::protocols.end()) {
      throw load_error({name, 1, 1}, "there is no protocol `" + file.protocol + "`" +
                                         advice(file.protocol, words::protocols) + " as the first folder");
    }
    lines = {"suite: " + file.suite, "protocol: " + suite.begin()->string(), "ids: " + file.ids, "vectors:"};
  }
  unsigned long next = 0;
  for (const auto& v : file.vectors) next = std::max(next, number_of(v.id, file));
  for (const auto& id : file.retired) next = std::max(next, number_of(id, file));
  std::string digits = std::to_string(next + 1);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  std::string id = file.ids + "-" + digits;

  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (const std::size_t at = key_line(lines, "vectors"); file.vectors.empty() && at < lines.size())
    lines[at] = "vectors:";
  else
    lines.emplace_back();
  const auto places = blocks(file, lines);
  const std::string margin(places.empty() ? 0 : places.front().indent, ' ');
  for (const auto& line :
       {"- id: " + id, std::string("  title: TODO what must be true"), std::string("  cites: [TODO]")})
    lines.push_back(margin + line);
  for (const auto& line : skeleton(file.protocol, wanted.in.value_or(role_of(file)))) lines.push_back(margin + line);
  if (!wanted.since.empty()) lines.push_back(margin + "  since: " + wanted.since);

  const std::string text = joined(lines);
  const auto result = load_suite_text(text, name);
  if (result.vectors.size() != file.vectors.size() + 1 || result.vectors.back().id != id) {
    throw load_error({name, 1, 1}, "the vectors do not stand last in the file; move `vectors:` to its end");
  }
  fs::create_directories(wanted.file.parent_path().empty() ? "." : wanted.file.parent_path(), error);
  write(wanted.file, text);
  return id;
}

void retire_vector(const fs::path& path, const std::string& id) {
  const std::string name = path.string(), text = read_text(path);
  const suite_file file = load_suite_text(text, name);
  line_list lines = split(text);
  const auto at = std::find_if(file.vectors.begin(), file.vectors.end(), [&](const vector& v) { return v.id == id; });
  if (at == file.vectors.end()) {
    std::vector<std::string> known;
    known.reserve(file.vectors.size());
    for (const auto& v : file.vectors) known.push_back(v.id);
    const std::string meant = nearest(id, known);
    throw load_error({name, 1, 1}, "no vector `" + id + "` in this file; " +
                                       (meant.empty() ? "name one that stands here" : "did you mean `" + meant + "`?"));
  }
  const auto all = blocks(file, lines);
  const auto& gone = all[static_cast<std::size_t>(at - file.vectors.begin())];
  std::size_t end = gone.end;
  while (end < lines.size() && lines[end].empty()) ++end;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(gone.begin),
              lines.begin() + static_cast<std::ptrdiff_t>(end));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (file.vectors.size() == 1) lines[key_line(lines, "vectors")] = "vectors: []";

  auto retired = file.retired;
  retired.push_back(id);
  std::sort(retired.begin(), retired.end());
  const auto list = retired_lines(retired);
  std::size_t from = key_line(lines, "retired"), to = from;
  if (from == lines.size()) {
    from = to = key_line(lines, "ids") + 1;
  } else {
    ++to;
    while (to < lines.size() &&
           (lines[to].empty() || lines[to][0] == ' ' || lines[to][0] == '-' || lines[to][0] == ']'))
      ++to;
  }
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from), lines.begin() + static_cast<std::ptrdiff_t>(to));
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(from), list.begin(), list.end());

  const std::string result = joined(lines);
  const auto check = load_suite_text(result, name);
  bool kept = check.retired == retired && check.vectors.size() + 1 == file.vectors.size();
  for (const auto& v : file.vectors) {
    kept = kept && (v.id == id || std::any_of(check.vectors.begin(), check.vectors.end(), [&](const vector& other) {
                      return other.id == v.id && other.likeness == v.likeness && other.title == v.title;
                    }));
  }
  if (!kept)
    throw load_error(
        {name, 1, 1},
        "the file is laid out so that the vector cannot be taken out; do it by hand, and add its id to `retired`");
  write(path, result);
}

std::string formatted(std::string_view text, const std::string& name) {
  const suite_file file = load_suite_text(text, name);
  const line_list lines = split(text);
  line_list made;
  std::size_t done = 0;
  const auto copy_until = [&](std::size_t end) {
    for (; done < end; ++done) push_without_double_blanks(made, lines[done]);
  };
  const auto all = blocks(file, lines);
  for (const auto& b : all) {
    copy_until(b.begin);
    while (!made.empty() && made.back().empty()) made.pop_back();
    if (b.first != all.front().first) made.emplace_back();
    copy_until(b.first);
    for (const auto& line : ordered(lines, b)) push_without_double_blanks(made, line);
    done = b.end;
  }
  copy_until(lines.size());
  while (!made.empty() && made.back().empty()) made.pop_back();
  std::string result = joined(made);
  if (!same(parse_yaml(text, name), parse_yaml(result, name))) {
    throw load_error({name, 1, 1},
                     "formatting would change what the file says; write texts of several lines on one line");
  }
  return result;
}

bool format_file(const fs::path& file) {
  const std::string text = read_text(file), result = formatted(text, file.string());
  if (text == result) return false;
  write(file, result);
  return true;
}

}  // namespace ampspec::vectors
