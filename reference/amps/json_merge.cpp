// Writes compact objects from the members of others, scalars with the octets of the message that they come from.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/json_merge.hpp"

#include <algorithm>
#include <unordered_map>

namespace ampspec::amps {

namespace {

/// Members of an object, without repeated names, found by name in constant time.
struct member_list {
  member_list(const json_document& of, std::size_t object) : at(of.members(object)) {
    for (const auto index : at) by_name.emplace(of.name(index), index);
  }
  std::optional<std::size_t> find(const std::string& name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::size_t> at;
  std::unordered_map<std::string, std::size_t> by_name;
};

void begin_member(const json_document& of, std::size_t index, bool& first, std::string& out) {
  if (!first) out += ',';
  first = false;
  out.append("\"").append(of[index].name).append("\":");
}

bool is_null(const json_node& node) {
  return node.kind == json_kind::null || (node.kind == json_kind::string && node.text.empty());
}

void merge(const json_document& stored, std::size_t old_object, const json_document& update, std::size_t new_object,
           std::string& out) {
  const member_list olds(stored, old_object), news(update, new_object);
  bool first = true;
  out += '{';
  for (const auto at : olds.at) {
    begin_member(stored, at, first, out);
    const auto with = news.find(stored.name(at));
    if (!with || is_null(update[*with])) {
      append_compact(stored, at, out);
    } else if (stored[at].kind == json_kind::object && update[*with].kind == json_kind::object) {
      merge(stored, at, update, *with, out);
    } else {
      append_compact(update, *with, out);
    }
  }
  for (const auto at : news.at) {
    if (is_null(update[at]) || olds.find(update.name(at))) continue;
    begin_member(update, at, first, out);
    append_compact(update, at, out);
  }
  out += '}';
}

bool same(const json_document& a, std::size_t x, const json_document& b, std::size_t y) {
  if (a[x].kind != b[y].kind) return false;
  switch (a[x].kind) {
    case json_kind::array: {
      const auto ours = a.elements(x), theirs = b.elements(y);
      return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                        [&](std::size_t i, std::size_t j) { return same(a, i, b, j); });
    }
    case json_kind::object: {
      const member_list ours(a, x), theirs(b, y);
      if (ours.at.size() != theirs.at.size()) return false;
      return std::all_of(ours.at.begin(), ours.at.end(), [&](std::size_t i) {
        const auto j = theirs.find(a.name(i));
        return j && same(a, i, b, *j);
      });
    }
    default:
      return a.scalar_text(x) == b.scalar_text(y);
  }
}

bool is_key(const std::vector<std::string>& names, std::span<const path> key_fields) {
  return std::any_of(key_fields.begin(), key_fields.end(), [&](const path& p) {
    return std::equal(names.begin(), names.end(), p.steps.begin(), p.steps.end(),
                      [](const std::string& n, const path::step& s) { return n == s.name; });
  });
}

/// True if something is told; `changed` if more than key fields.
bool differences(const json_document& old, std::size_t old_object, const json_document& now, std::size_t new_object,
                 std::span<const path> key_fields, std::vector<std::string>& names, bool& changed, std::string& out) {
  const member_list olds(old, old_object);
  bool first = true;
  out += '{';
  for (const auto at : now.members(new_object)) {
    names.push_back(now.name(at));
    const auto before = olds.find(names.back());
    if (is_key(names, key_fields)) {
      begin_member(now, at, first, out);
      append_compact(now, at, out);
    } else if (before && old[*before].kind == json_kind::object && now[at].kind == json_kind::object) {
      const auto mark = out.size();
      const bool was_first = first;
      begin_member(now, at, first, out);
      if (!differences(old, *before, now, at, key_fields, names, changed, out)) {
        out.resize(mark);
        first = was_first;
      }
    } else if (!before || !same(old, *before, now, at)) {
      changed = true;
      begin_member(now, at, first, out);
      append_compact(now, at, out);
    }
    names.pop_back();
  }
  out += '}';
  return !first;
}

bool is_beginning(std::span<const std::string> beginning, std::span<const std::string> of) {
  return beginning.size() <= of.size() && std::equal(beginning.begin(), beginning.end(), of.begin());
}

}  // namespace

std::string merged(std::string_view stored, std::string_view update) {
  const auto old = json_document::parse(stored), now = json_document::parse(update);
  if (!old || !now || !old->is_object() || !now->is_object()) return std::string(update);
  std::string out;
  out.reserve(stored.size() + update.size());
  merge(*old, 0, *now, 0, out);
  return out;
}

std::optional<delta> delta_of(const record_view& old, const record_view& now, std::span<const path> key_fields) {
  const auto *before = old.document(), *after = now.document();
  if (before == nullptr || after == nullptr) return std::nullopt;
  delta made;
  std::vector<std::string> names;
  differences(*before, 0, *after, 0, key_fields, names, made.changed, made.body);
  return made;
}

std::optional<selection> selection::parse(std::string_view inside) {
  selection made;
  while (true) {
    const auto comma = inside.find(',');
    auto one = inside.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty() || (one.front() != '+' && one.front() != '-')) return std::nullopt;
    directive d{one.front() == '+', {}};
    one.remove_prefix(1);
    if (one != "/") {
      const auto p = path::of(one, false);
      if (!p) return std::nullopt;
      for (const auto& step : p->steps) d.names.push_back(step.name);
    }
    made.directives_.push_back(std::move(d));
    if (comma == std::string_view::npos) return made;
    inside.remove_prefix(comma + 1);
  }
}

// The longest path that is this one or leads to it decides, of equal ones the first.
bool selection::included(std::span<const std::string> names) const {
  const directive* best = nullptr;
  for (const auto& d : directives_) {
    if (is_beginning(d.names, names) && (best == nullptr || d.names.size() > best->names.size())) best = &d;
  }
  return best == nullptr || best->include;
}

bool selection::leads_to_included(std::span<const std::string> names) const {
  return std::any_of(directives_.begin(), directives_.end(), [&](const directive& d) {
    return d.include && d.names.size() > names.size() && is_beginning(names, d.names);
  });
}

void selection::apply(const json_document& of, std::size_t object, std::vector<std::string>& names,
                      std::string& out) const {
  bool first = true;
  out += '{';
  for (const auto at : of.members(object)) {
    names.push_back(of.name(at));
    const bool whole = included(names);
    if (of[at].kind == json_kind::object && (whole || leads_to_included(names))) {
      const auto mark = out.size();
      const bool was_first = first;
      begin_member(of, at, first, out);
      const auto inside = out.size();
      apply(of, at, names, out);
      if (!whole && out.size() == inside + 2) {  // excluded, and nothing in it is not
        out.resize(mark);
        first = was_first;
      }
    } else if (whole) {
      begin_member(of, at, first, out);
      append_compact(of, at, out);
    }
    names.pop_back();
  }
  out += '}';
}

std::string selection::applied(const record_view& record) const {
  const auto* document = record.document();
  if (document == nullptr) return std::string(record.body());
  std::string out;
  std::vector<std::string> names;
  apply(*document, 0, names, out);
  return out;
}

}  // namespace ampspec::amps
