// One check: a vector in one role at one point of its matrix, played against a subject; and how its verdict is found.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/check.hpp"

#include "conformance/amps_message.hpp"
#include "conformance/play.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/ws_client.hpp"

#include <algorithm>

namespace ampspec::conformance {
namespace {

constexpr std::size_t head_limit = 2048;

double ms_since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - t).count();
}

// A clause of our own making binds a foreign implementation only where it declares the feature that the vector needs.
bool only_advice(const check_result& r, const check& c, const settings& s) {
  if (!s.foreign || r.source != "project") return false;
  const auto& needs = c.vector->needs.at(c.role);
  const auto declared = s.supports.find(c.role);
  return needs.empty() || declared == s.supports.end() || std::none_of(needs.begin(), needs.end(), [&](const auto& f) {
           return supported(declared->second, f, s.catalogue);
         });
}

// Whether somebody gave names to the octets, other than their lengths.
bool labelled(const std::vector<noted_field>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const noted_field& f) {
    return !f.label.empty() && !f.label.starts_with("length ") && !f.label.starts_with('"');
  });
}

}  // namespace

std::vector<check> checks_of(const vectors::vector& v, const std::set<vectors::role>& roles) {
  std::vector<check> list;
  for (const auto role : v.roles) {
    if (!roles.contains(role)) continue;
    const std::vector<std::string> only_tcp{"tcp"};
    for (const auto& transport : role == vectors::role::codec ? only_tcp : v.transports) {
      for (auto& point : vectors::matrix_points(v)) {
        std::string variant = vectors::variant_name(v, point);
        if (transport != "tcp") variant = "transport=" + transport + (variant.empty() ? "" : ",") + variant;
        list.push_back({&v, role, std::move(point), std::move(variant), transport});
      }
    }
  }
  return list;
}

void patience::answered_after(millis m) {
  auto seen = slowest_ms_.load();
  while (m.count() > seen && !slowest_ms_.compare_exchange_weak(seen, m.count())) {
  }
}

millis patience::for_answer() const {
  if (given_up_) return std::min(limit_, millis(100));
  const millis least = in_vain_ < 40 ? std::max(millis(500), limit_ / 4) : std::max(millis(200), limit_ / 10);
  return std::min(limit_, std::max(least, millis(20 * slowest_ms_.load())));
}

millis patience::limit() const { return given_up_ ? std::min(limit_, millis(250)) : limit_; }

millis patience::for_quiet() const { return std::clamp(millis(20 * slowest_ms_.load()), millis(50), millis(1000)); }

void patience::give_up() { given_up_ = true; }

bool supported(const std::set<std::string>& names, std::string_view feature, const vectors::catalogue* known) {
  for (std::string_view name = feature;;) {
    const bool alone = name != feature && known != nullptr && known->features.contains(name);
    if (!alone && names.contains(std::string(name))) return true;
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    name = name.substr(0, dot);
  }
}

bool protocol_declared(const std::set<std::string>& names, std::string_view protocol) {
  const auto mention = [&](std::string_view p) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return name == p || (name.starts_with(p) && name.substr(p.size()).starts_with('.'));
    });
  };
  if (protocol != "amp1") return mention(protocol);
  return mention(protocol) || std::none_of(vectors::words::protocols.begin(), vectors::words::protocols.end(), mention);
}

bindings bindings_of(const check& c) {
  bindings b{vectors::default_scope(), {}};
  for (const auto& [name, value] : c.point) b.names[name] = value;
  return b;
}

plain_box plain(const std::vector<vectors::pair_atom>& pairs, const bindings& b) {
  plain_box box;
  for (const auto& p : pairs) {
    box.emplace_back(vectors::realize(p.key, b.names, b.captured).str(),
                     vectors::realize(p.value, b.names, b.captured).str());
  }
  return box;
}

transcript_entry& recorder::add(transcript_entry::side who, int step, const std::string& connection, std::string text) {
  transcript_entry e;
  e.who = who;
  e.step = step;
  e.connection = connection;
  e.text = std::move(text);
  e.ms = ms();
  entries_.push_back(std::move(e));
  made_.emplace_back();
  if (entries_.size() > most_entries) leave_out();
  return entries_.back();
}

void recorder::fold(std::size_t from, int step, const std::string& connection, std::string text) {
  if (from <= entries_.size()) {
    entries_.resize(from);
    made_.resize(from);
  }
  note(step, connection, std::move(text));
}

// Of a long exchange the beginning and the end are of use.
void recorder::leave_out() {
  const auto first = static_cast<std::ptrdiff_t>(kept_entries),
             last = static_cast<std::ptrdiff_t>(most_entries - kept_entries);
  left_out_ += static_cast<std::uint64_t>(last - first);
  entries_.erase(entries_.begin() + first, entries_.begin() + last);
  made_.erase(made_.begin() + first, made_.begin() + last);
}

double recorder::ms() const { return ms_since(began_); }

void recorder::ours(int step, const std::string& connection, const vectors::octets& o, std::string text) {
  auto& e = add(transcript_entry::side::ours, step, connection, std::move(text));
  e.size = o.size();
  made_.back() = o;
}

void recorder::theirs(int step, const std::string& connection, std::string_view octets, std::string text) {
  // Octets that come in several reads are one stream: show them as one.
  if (!entries_.empty() && entries_.back().who == transcript_entry::side::theirs &&
      entries_.back().connection == connection && text.empty()) {
    auto& e = entries_.back();
    e.size += octets.size();
    e.head += octets.substr(0, head_limit - std::min(head_limit, e.head.size()));
    return;
  }
  auto& e = add(transcript_entry::side::theirs, step, connection, std::move(text));
  e.size = octets.size();
  e.head = octets.substr(0, head_limit);
}

void recorder::note(int step, const std::string& connection, std::string text) {
  add(transcript_entry::side::note, step, connection, std::move(text));
}

void recorder::point_at(std::uint64_t at, std::uint64_t size, std::string text) {
  for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
    if (it->who != transcript_entry::side::ours) continue;
    it->mark_at = at;
    it->mark_size = size;
    it->mark_text = std::move(text);
    return;
  }
}

std::string recorder::masked(std::string text) const {
  for (const auto& secret : secrets_) {
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), secret.size(), '*');
    }
  }
  return text;
}

std::vector<transcript_entry> recorder::take(bool show_secrets) {
  const auto annotated = [&](const transcript_entry& e) {
    return websocket_.contains(e.connection) ? annotate_ws(e.head) : annotate_amps(e.head);
  };
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto& e = entries_[i];
    if (e.who == transcript_entry::side::ours) {
      e.head.resize(std::min<std::uint64_t>(head_limit, made_[i].size()));
      made_[i].read(0, e.head);
      for (const auto& f : made_[i].fields(200)) {
        if (f.offset < e.head.size()) e.fields.push_back({f.offset, f.size, f.label});
      }
      // What a vector writes as a message has no labels of its own: it is shown as what comes is.
      if (amps_.contains(e.connection) && !labelled(e.fields)) e.fields = annotated(e);
    } else if (e.who == transcript_entry::side::theirs && amps_.contains(e.connection)) {
      e.fields = annotated(e);
    } else if (e.who == transcript_entry::side::theirs && !other_.contains(e.connection)) {
      e.fields = annotate_amp(e.head, values_);
    }
    if (show_secrets) continue;
    e.head = masked(std::move(e.head));
    e.text = masked(std::move(e.text));
    for (auto& f : e.fields) f.label = masked(std::move(f.label));
  }
  if (left_out_ > 0) {
    transcript_entry gap;
    gap.text = std::to_string(left_out_) + " further events, left out here";
    gap.ms = entries_[kept_entries].ms;
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(kept_entries), std::move(gap));
  }
  return std::move(entries_);
}

std::string provider_of(const std::vector<std::string>& clauses,
                        const std::map<std::string, std::vector<std::string>>& provided_by,
                        const vectors::catalogue& catalogue) {
  for (const auto& [who, features] : provided_by) {
    std::set<std::string> theirs;
    for (const auto& feature : features) {
      if (feature != "service" && !feature.starts_with("service.")) theirs.insert(feature);
    }
    const auto is_theirs = [&](const std::string& clause) {
      return theirs.contains(clause) ||
             std::any_of(catalogue.features.begin(), catalogue.features.end(), [&](const auto& f) {
               const auto& frees = f.second.frees;
               return std::find(frees.begin(), frees.end(), clause) != frees.end() &&
                      supported(theirs, f.first, &catalogue);
             });
    };
    if (!clauses.empty() && std::all_of(clauses.begin(), clauses.end(), is_theirs)) return who;
  }
  return {};
}

check_result result_for(const check& c, const settings& s) {
  const auto& v = *c.vector;
  check_result r;
  r.vector = v.id;
  r.title = v.title;
  r.suite = v.suite;
  r.variant = c.variant;
  r.protocol = v.protocol;
  r.transport = c.role == vectors::role::codec ? "" : c.transport;
  r.role = c.role;
  r.cites = v.cites;
  r.catches = v.catches;
  r.file = v.mark.file.str();
  r.line = v.mark.line;
  r.level = vectors::level::may;
  for (const auto& id : v.cites) {  // the strongest clause decides
    const auto& q = s.catalogue->requirements.at(id);
    if (r.source.empty() || q.strength < r.level) {
      r.level = q.strength;
      r.source = q.source;
    }
  }
  return r;
}

bool judge::play(const std::string& cut, const std::function<void(recorder&)>& body) {
  if (over_) return false;
  recorder record;
  if (result_.protocol == "amp2") record.values_come_in_chunks();
  ++result_.plays;
  const auto ended = [&](verdict v, std::string signature, std::string expected, std::string got, bool by_deadline) {
    over_ = true;
    result_.what = v;
    result_.signature = std::move(signature);
    result_.expected = settings_.show_secrets ? std::move(expected) : record.masked(std::move(expected));
    result_.got = settings_.show_secrets ? std::move(got) : record.masked(std::move(got));
    result_.by_deadline = by_deadline;
    result_.cut = cut;
    result_.transcript = record.take(settings_.show_secrets);
  };
  try {
    body(record);
    if (settings_.trace && result_.plays == 1) result_.transcript = record.take(settings_.show_secrets);
    return true;
  } catch (const deviation& d) {
    verdict v = verdict::fail;
    // A clause may leave the choice free, but not the target's own word for it.
    const bool own_word = d.expected_word == "pinned" || d.expected_word == "one-choice";
    if (!own_word && (result_.level == vectors::level::should || only_advice(result_, check_, settings_)))
      v = verdict::warn;
    if (!own_word && result_.level == vectors::level::may) v = verdict::observed;
    // An answer that never came is a timeout; a close that never came, or a stray octet, is a failure.
    const bool hung = v == verdict::fail && d.by_deadline &&
                      (d.expected_word == "box" || d.expected_word == "message" || d.expected_word == "ended");
    const std::string signature =
        hung ? "timeout@" + d.where + ":" + d.expected_word
             : std::string(name_of(v)) + "@" + d.where + ":" + d.expected_word + "/" + d.got_word;
    ended(hung ? verdict::timeout : v, signature, d.expected, d.got, d.by_deadline);
    if (v == verdict::observed) result_.reason = result_.got;
  } catch (const unsupported& u) {
    // What a target does not declare is skipped before any play; here it was declared, or can't be left out.
    ended(verdict::fail, "fail@feature:supported/unsupported",
          "the feature, which is declared or which every implementation has", std::string("unsupported: ") + u.what(),
          false);
  } catch (const mishap& m) {
    switch (m.what_kind()) {
      case mishap::kind::crash:
        ended(verdict::crash, "crash:" + m.word(), "an answer", m.what(), false);
        break;
      case mishap::kind::timeout:
        ended(verdict::timeout, "timeout:" + m.word(), "an answer in time", m.what(), true);
        break;
      case mishap::kind::harness:
        ended(verdict::harness, "harness:" + m.word(), "", m.what(), false);
        break;
      default:
        ended(verdict::fail, "fail@adapter:answer/" + m.word(), "an answer as the adapter protocol says", m.what(),
              false);
    }
  } catch (const std::exception& e) {
    // Of ours, such as octets that are too many to hold: this check can't be judged, the others can.
    ended(verdict::harness, "harness:exception", "", e.what(), false);
  }
  return false;
}

void judge::chose(const std::string& where, const std::string& choice, const std::string& branch) {
  const auto pin = settings_.pins.find(choice);
  if (pin != settings_.pins.end() && pin->second != branch) {
    throw deviation{where, "pinned", "other", "choice " + choice + ": " + pin->second + ", as the target pins it",
                    branch};
  }
  const auto [it, fresh] = result_.choices.emplace(choice, branch);
  if (!fresh && it->second != branch) {
    throw deviation{where, "one-choice", "two", "choice " + choice + ": " + it->second + ", as before", branch};
  }
}

std::string judge::branch_seen(const std::string& choice) const {
  const auto it = result_.choices.find(choice);
  return it == result_.choices.end() ? std::string() : it->second;
}

check_result judge::finish() {
  if (!over_ && !result_.choices.empty()) {
    std::string text;
    for (const auto& [choice, branch] : result_.choices) text += (text.empty() ? "" : ", ") + choice + ": " + branch;
    result_.reason = text;
    result_.what = verdict::observed;
  }
  result_.ms = ms_since(began_);
  return std::move(result_);
}

}  // namespace ampspec::conformance
