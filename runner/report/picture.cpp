// Draws the octets of a transcript as rows of offset, hex, label and pointer, for every report that is plain text.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/picture.hpp"

#include "runner/report/text.hpp"

#include <algorithm>
#include <string_view>

namespace ampspec::runner {
namespace {

using conformance::noted_field;
using conformance::transcript_entry;

/// A stretch that gets rows of its own; `size` 0 is a heading.
struct piece {
  std::uint64_t at = 0, size = 0;
  std::string label;
};

std::string_view first_word(std::string_view label) { return label.substr(0, label.find(' ')); }

bool is_length_of(std::string_view length_label, std::string_view body_label) {
  const auto length = std::string(first_word(body_label)) + " length";
  return !body_label.empty() && length_label.starts_with(length) && !body_label.starts_with(length);
}

class drawing {
 public:
  drawing(const transcript_entry& entry, std::size_t per_row) : entry_(entry), per_row_(per_row) {}

  std::vector<picture_row> rows() {
    for (const auto& p : pieces()) draw(p);
    if (entry_.size > entry_.head.size()) {
      rows_.push_back({{}, "… " + counted(entry_.size - entry_.head.size(), "octet") + " more", "", 0, 0, {}});
    }
    if (!pointed_ && entry_.mark_size > 0) {
      rows_.push_back({{}, "", "", 0, 0, "at octet " + thousands(entry_.mark_at) + ": " + escaped(entry_.mark_text)});
    } else if (!pointed_ && !entry_.mark_text.empty()) {
      rows_.push_back({{}, "", "", 0, 0, escaped(entry_.mark_text)});
    }
    return std::move(rows_);
  }

 private:
  std::uint64_t kept() const { return std::min<std::uint64_t>(entry_.size, entry_.head.size()); }
  std::uint64_t mark_end() const { return entry_.mark_at + entry_.mark_size; }
  bool marks(std::uint64_t from, std::uint64_t to) const {
    return entry_.mark_size > 0 && entry_.mark_at < to && mark_end() > from;
  }
  bool mark_begins_in(std::uint64_t from, std::uint64_t size) const {
    return entry_.mark_size > 0 && entry_.mark_at >= from && entry_.mark_at < from + size;
  }
  std::string_view head(std::uint64_t from, std::uint64_t size) const {
    return std::string_view(entry_.head).substr(from, size);
  }

  /// The fields in order, with the gaps between them; a field that holds others becomes a heading, a short length joins
  /// its body.
  std::vector<piece> pieces() const {
    auto fields = entry_.fields;
    std::stable_sort(fields.begin(), fields.end(), [](const noted_field& a, const noted_field& b) {
      return a.at != b.at ? a.at < b.at : a.size > b.size;
    });
    std::vector<piece> out;
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& f = fields[i];
      const bool holds_next = i + 1 < fields.size() && f.size > fields[i + 1].size && fields[i + 1].at < f.at + f.size;
      if (f.at < at || f.at >= kept()) continue;
      if (f.at > at) out.push_back({at, f.at - at, {}});
      at = f.at;
      if (holds_next || f.size == 0) {
        out.push_back({at, 0, f.label});
        continue;
      }
      const auto size = std::min(f.size, kept() - at);
      const bool joins = !out.empty() && out.back().size > 0 && out.back().at + out.back().size == at &&
                         out.back().size + size <= per_row_ && is_length_of(out.back().label, f.label) &&
                         !marks(out.back().at, at + size);
      if (joins) {
        out.back() = {out.back().at, out.back().size + size, f.label};
      } else {
        out.push_back({at, size, f.label});
      }
      at += size;
    }
    if (at < kept()) out.push_back({at, kept() - at, {}});
    return out;
  }

  /// The label, and the octets as text where all of them are printable and the label does not say them already.
  std::string caption(const piece& p) const {
    const auto octets = head(p.at, p.size);
    auto label = escaped(p.label);
    const bool printable = std::all_of(octets.begin(), octets.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!printable || octets.size() > 3 * per_row_ || p.label.find(octets) != std::string::npos) return label;
    return label + (label.empty() ? "'" : " '") + std::string(octets) + "'";
  }

  void draw(const piece& p) {
    if (p.size == 0) {
      rows_.push_back({p.at, "", escaped(p.label), 0, 0, {}});
      return;
    }
    const auto octets = head(p.at, p.size);
    const bool uniform = octets.find_first_not_of(octets[0]) == std::string_view::npos;
    const bool marked_inside = marks(p.at, p.at + p.size) && (entry_.mark_at > p.at || mark_end() < p.at + p.size);
    const auto label = caption(p);
    if (uniform && p.size > 2 * per_row_ && !marked_inside) {
      const auto three = spaced_hex(octets.substr(0, 3));
      add(p.at, p.size, three + " … ×" + thousands(p.size), label, true);
      return;
    }
    const bool is_long = p.size > 4 * per_row_;
    bool skipped = false;
    for (std::uint64_t at = p.at; at < p.at + p.size; at += per_row_) {
      const auto size = std::min<std::uint64_t>(per_row_, p.at + p.size - at);
      // Of a long field: its first two rows, its last one, and what is pointed at.
      const bool shown =
          !is_long || at < p.at + 2 * per_row_ || at + per_row_ >= p.at + p.size || mark_begins_in(at, size);
      if (!shown) {
        if (!skipped) rows_.push_back({{}, "…", "", 0, 0, {}});
        skipped = true;
        continue;
      }
      skipped = false;
      add(at, size, spaced_hex(head(at, size)), at == p.at ? label : "", false);
    }
  }

  void add(std::uint64_t at, std::uint64_t size, std::string hex, std::string label, bool folded) {
    picture_row row{at, std::move(hex), std::move(label), 0, 0, {}};
    if (marks(at, at + size)) {
      const auto from = std::max(at, entry_.mark_at), to = std::min(at + size, mark_end());
      row.pointer_at = folded ? 0 : 3 * static_cast<std::size_t>(from - at);
      row.pointer_width = folded ? columns(row.hex) : 3 * static_cast<std::size_t>(to - from) - 1;
      if (!pointed_) row.pointer_text = escaped(entry_.mark_text);
      pointed_ = true;
    }
    rows_.push_back(std::move(row));
  }

  const transcript_entry& entry_;
  std::uint64_t per_row_;
  bool pointed_ = false;
  std::vector<picture_row> rows_;
};

}  // namespace

std::vector<picture_row> picture_of(const transcript_entry& entry, std::size_t per_row, std::size_t most_rows) {
  auto rows = drawing(entry, per_row).rows();
  if (rows.size() <= most_rows) return rows;
  const auto points = [](const picture_row& r) { return r.pointer_width > 0 || !r.pointer_text.empty(); };
  const auto first = static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), points) - rows.begin());
  std::vector<picture_row> out;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool near_pointer = i + most_rows / 4 >= first && i < first + most_rows / 4;
    if (i < most_rows / 2 || near_pointer) {
      if (left_out > 0) out.push_back({{}, "… " + counted(left_out, "row") + " left out", "", 0, 0, {}});
      left_out = 0;
      out.push_back(std::move(rows[i]));
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) out.push_back({{}, "… " + counted(left_out, "row") + " left out", "", 0, 0, {}});
  return out;
}

side_names sides_of(vectors::role r) {
  switch (r) {
    case vectors::role::server:
      return {"we sent", "the server answered"};
    case vectors::role::client:
      return {"we sent", "the client sent"};
    case vectors::role::codec:
      break;
  }
  return {"we gave", "the codec answered"};
}

std::string plain_transcript(const conformance::check_result& result) {
  constexpr std::size_t per_row = 16, hex_columns = 3 * per_row - 1;
  const auto sides = sides_of(result.role);
  std::string out;
  for (const auto& entry : result.transcript) {
    const auto who = entry.who == transcript_entry::side::ours ? sides.ours : sides.theirs;
    std::string title = entry.who == transcript_entry::side::note ? "--" : std::string(who) + ":";
    if (!entry.connection.empty() && entry.connection != "main") title += " [" + escaped(entry.connection) + "]";
    if (entry.who != transcript_entry::side::note && entry.size > 0) title += " " + counted(entry.size, "octet");
    if (!entry.text.empty()) title += " " + escaped(entry.text);
    out += title + "\n";
    for (const auto& row : picture_of(entry, per_row)) {
      if (row.offset || !row.hex.empty() || !row.label.empty()) {
        std::string offset = row.offset ? std::to_string(*row.offset) : "";
        offset.insert(0, 8 - std::min<std::size_t>(8, offset.size()), ' ');
        auto line = offset + "  " + padded(row.hex, hex_columns) + "  " + row.label;
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      }
      if (row.pointer_width > 0 || !row.pointer_text.empty()) {
        out += std::string(10 + row.pointer_at, ' ') + std::string(row.pointer_width, '^') +
               (row.pointer_width > 0 ? " " : "") + row.pointer_text + "\n";
      }
    }
  }
  return out;
}

}  // namespace ampspec::runner
