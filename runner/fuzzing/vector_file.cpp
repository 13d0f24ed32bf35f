// YAML by hand: quoted scalars, one step a line.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/vector_file.hpp"

#include "conformance/annotate.hpp"
#include "reference/naive/amps_codec.hpp"
#include "reference/naive/service.hpp"
#include "runner/report/text.hpp"

#include <algorithm>
#include <set>

namespace ampspec::runner::fuzzing {
namespace {

bool plain(std::string_view octets) {
  return std::all_of(octets.begin(), octets.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string single_quoted(std::string_view text) {
  std::string made = "'";
  for (const char c : text) made += c == '\'' ? std::string("''") : std::string(1, c);
  return made + "'";
}

// A text as the format wants it: behind a dollar sign there would be a name.
std::string as_text(std::string_view text) {
  return single_quoted(text.starts_with('$') ? "$" + std::string(text) : std::string(text));
}

std::string labelled(const std::string& atom, const std::string& label) {
  const std::string fits = plain(label) ? label.substr(0, 60) : std::string();
  return "{" + atom + (fits.empty() ? "" : ", as: " + single_quoted(fits)) + "}";
}

std::string atom_of(std::string_view octets, const std::string& label) {
  const bool is_length = octets.size() == 2 && label.find("length") != std::string::npos;
  if (is_length || label == "end of box") {
    const int n = static_cast<unsigned char>(octets[0]) << 8 | static_cast<unsigned char>(octets[1]);
    return labelled("u16: " + std::to_string(n), label);
  }
  if (octets.size() > 32 && octets.find_first_not_of(octets[0]) == octets.npos) {
    return labelled(
        "fill: " + single_quoted(plain_hex(octets.substr(0, 1))) + ", size: " + std::to_string(octets.size()), "");
  }
  if (plain(octets)) return labelled("text: " + as_text(octets), "");
  return labelled("hex: " + single_quoted(plain_hex(octets)), label.find('"') == label.npos ? label : "");
}

std::string pairs_of(const naive::box& b) {
  std::string made;
  for (const auto& [key, value] : b)
    made += (made.empty() ? "[" : ", [") + value_of(key) + ", " + value_of(value) + "]";
  return "{pairs: [" + made + "]}";
}

std::string matcher_of(const awaited_box& a) {
  std::string made;
  for (const auto& [key, value] : a.box) {
    std::string want = value_of(value);
    if (key == "_error_description") want = "{any: value}";
    if (key == "_error_code" && !a.codes.empty()) {
      for (const auto& code : a.codes) want += ", " + code;
      want = "{one_of: [" + want + "]}";
    }
    made += (made.empty() ? "[" : ", [") + value_of(key) + ", " + want + "]";
  }
  return "{pairs: [" + made + "]}";
}

std::string head_of(const vector_head& h, const std::string& role) {
  std::string id = "FZ-";
  std::uint32_t sum = 2166136261u;
  for (const char c : h.name) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619u;
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int i = 0; i < 5; ++i, sum /= 26) id += letters[sum % 26];
  std::string title = h.title.substr(0, 110);
  return "# Found by fuzzing; the expectation is the naive implementation's. Somebody has to review it.\n"
         "suite: " +
         h.protocol + "/found/" + h.name + "\nprotocol: " + h.protocol + "\nids: " + id + "\nvectors:\n- id: " + id +
         "-001\n  title: " + single_quoted(title) + "\n  cites: [" + h.clause + "]\n  roles: [" + role + "]\n";
}

std::string tail_of(const vector_head& h) {
  return "  since: " + h.since + "\n  provenance: " + single_quoted(h.provenance) + "\n  review: needed\n";
}

std::string end_of(naive::ending end, const naive::refusal& refused) {
  if (end == naive::ending::clean) return "clean";
  if (end == naive::ending::incomplete) return "incomplete";
  return "{reject: {class: " + refused.word + ", at: " + std::to_string(refused.offset) + "}}";
}

conformance::amp_values values_of(naive::format f) {
  return f == naive::format::amp2 ? conformance::amp_values::in_chunks : conformance::amp_values::whole;
}

std::string amp_atoms(std::string_view octets, naive::format f) {
  return atoms_of(octets, conformance::annotate_amp(octets, values_of(f)));
}

// The features whose commands are called.
std::string features_of(std::string_view stream, naive::format version) {
  std::set<std::string> features;
  for (const naive::box& b : naive::decode(stream, {{}, false, version}).boxes) {
    const auto command = naive::find(b, "_command");
    if (!command || naive::schema_of(*command) == nullptr) continue;
    const bool note = *command == "Note" || *command == "Noted", big = *command == "Big" || *command == "BigError";
    features.insert(note                  ? "service.note"
                    : big                 ? "service.big"
                    : *command == "Fatal" ? "service.fatal"
                                          : "service.core");
  }
  std::string made;
  for (const auto& f : features) made += (made.empty() ? "" : ", ") + f;
  return made.empty() ? made : "  requires: [" + made + "]\n";
}

}  // namespace

std::string place_of(const vector_head& h) { return h.protocol + "/found/" + h.name + ".yaml"; }

std::string value_of(std::string_view octets) {
  return plain(octets) ? as_text(octets) : "{hex: " + single_quoted(plain_hex(octets)) + "}";
}

std::string atoms_of(std::string_view octets, const std::vector<conformance::noted_field>& fields) {
  std::string made;
  for (const auto& f : fields) {
    if (f.size == 0) continue;
    made += "\n    - " + atom_of(octets.substr(f.at, f.size), f.label);
  }
  return made;
}

std::string server_vector(const vector_head& h, const amp_plan& plan, std::string_view sent) {
  const bool ends_by_itself = !plan.closes_for.empty();
  std::string made = head_of(h, "server");
  made += features_of(sent, plan.version);
  made += "  cuts: none\n";
  const bool open = !ends_by_itself && plan.fenced;
  if (!open) made += "  fence: none\n";
  made += "  steps:\n";
  const auto send = [&](std::string_view octets) {
    std::string atoms = amp_atoms(octets, plan.version);
    for (std::size_t at = 0; (at = atoms.find("\n    - ", at)) != atoms.npos; at += 9) {
      atoms.replace(at, 7, "\n      - ");
    }
    made += "  - send:\n      bytes:" + atoms + "\n";
  };
  const auto expect = [&](bool early) {
    std::string boxes;
    for (const auto& a : plan.awaited) {
      if (a.of != "fence" && a.early == early) boxes += (boxes.empty() ? "" : ", ") + matcher_of(a);
    }
    if (!boxes.empty()) made += "  - expect: {boxes_in_any_order: [" + boxes + "]}\n";
  };
  if (plan.pause_at != 0) {
    send(sent.substr(0, plan.pause_at));
    expect(true);
  }
  send(sent.substr(plan.pause_at));
  expect(false);
  if (ends_by_itself) {
    made += "  - expect_close: {}\n";
  } else if (!open) {
    made += "  - half_close: {}\n  - expect_close: {}\n";
  }
  return made + tail_of(h);
}

std::string decode_vector(const vector_head& h, std::string_view stream, naive::format version) {
  const auto want = naive::decode(stream, {{}, true, version});
  std::string made = head_of(h, "codec") + "  decode:" + amp_atoms(stream, version) + "\n  expect:\n    delivers: [";
  for (std::size_t i = 0; i < want.boxes.size(); ++i) made += (i == 0 ? "" : ", ") + pairs_of(want.boxes[i]);
  made += "]\n    end: ";
  made += end_of(want.end, want.refused);
  return made + "\n" + tail_of(h);
}

std::string encode_vector(const vector_head& h, const naive::box& b, naive::format version) {
  const auto want = naive::encode(b, {}, version);
  std::string made = head_of(h, "codec") + "  encode: " + pairs_of(b) + "\n  expect:";
  if (!want.refused.empty()) return made + " {refuse: " + want.refused + "}\n" + tail_of(h);
  std::string atoms = amp_atoms(want.bytes, version);
  for (std::size_t at = 0; (at = atoms.find("\n    - ", at)) != atoms.npos; at += 9) atoms.replace(at, 7, "\n      - ");
  return made + "\n    bytes:" + atoms + "\n" + tail_of(h);
}

namespace {

std::string amps_atoms(std::string_view stream, const std::string& margin) {
  std::string made;
  while (stream.size() >= 4) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(stream[i]);
    made += margin + "- " + labelled("u32: " + std::to_string(size), "length");
    stream.remove_prefix(4);
    const auto content = stream.substr(0, size);
    if (!content.empty()) made += margin + "- " + atom_of(content, "frame");
    stream.remove_prefix(content.size());
  }
  if (!stream.empty()) made += margin + "- " + atom_of(stream, "rest");
  return made;
}

std::string message_of(const naive::amps_message& m) {
  std::string header;
  std::string body;
  for (const auto& [key, value] : m) {
    if (key == "body") {
      body = value;
    } else {
      header += (header.empty() ? "" : ", ") + as_text(key) + ": " + value_of(value);
    }
  }
  return "{header: {" + header + "}" + (body.empty() ? "" : ", body: " + value_of(body)) + "}";
}

}  // namespace

std::string broker_vector(const vector_head& h, std::string_view stream, bool closes) {
  return head_of(h, "server") + "  cuts: none\n" + (closes ? "  fence: none\n" : "") +
         "  steps:\n  - send:\n      bytes:" + amps_atoms(stream, "\n      ") + "\n" +
         (closes ? "  - expect_close: {}\n" : "") + tail_of(h);
}

std::string frames_vector(const vector_head& h, std::string_view stream) {
  const auto want = naive::decode_amps(stream);
  std::string made = head_of(h, "codec") + "  decode:" + amps_atoms(stream, "\n  ") + "\n  expect:\n    delivers: [";
  for (std::size_t i = 0; i < want.messages.size(); ++i) made += (i == 0 ? "" : ", ") + message_of(want.messages[i]);
  return made + "]\n    end: " + end_of(want.end, want.refused) + "\n" + tail_of(h);
}

}  // namespace ampspec::runner::fuzzing
