// The responders of bulk transfers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/bulk_service.hpp"

#include "reference/amp/schema.hpp"
#include "reference/behaviour/commands.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace ampspec::behaviour {

namespace {

constexpr std::size_t hash_octets = 32;

/// In UTC.
amp::date_time time_of(bulk::instant seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  amp::date_time time;
  time.year = static_cast<int>(date.year());
  time.month = static_cast<int>(static_cast<unsigned>(date.month()));
  time.day = static_cast<int>(static_cast<unsigned>(date.day()));
  time.hour = static_cast<int>(clock.hours().count());
  time.minute = static_cast<int>(clock.minutes().count());
  time.second = static_cast<int>(clock.seconds().count());
  time.offset = 0;
  return time;
}

/// A text argument of that name, or nothing if it is absent or no text.
std::optional<std::string_view> text(const amp::request_received& request, std::string_view name) {
  const auto given = request.arguments.find(name);
  if (!given || !amp::parse_text(*given)) return std::nullopt;
  return given;
}

}  // namespace

bulk_service::bulk_service(std::shared_ptr<amp::session> session, std::shared_ptr<const bulk_office> office)
    : session_(std::move(session)), office_(std::move(office)), owner_(office_->desk->new_owner()) {}

bool bulk_service::serve(const amp::request_received& request) {
  if (request.command == "BulkOpen") {
    open(request);
  } else if (request.command == "BulkStored") {
    stored(request);
  } else if (request.command == "BulkClock") {
    clock(request);
  } else {
    return false;
  }
  return true;
}

void bulk_service::open(const amp::request_received& request) {
  const auto way = text(request, "direction"), resource = text(request, "resource");
  const auto size = request.arguments.find("size"), sha256 = request.arguments.find("sha256");
  std::int64_t octets = 0;
  const bool decodable = way && resource && (!size || decodes(*size, value_type::natural, &octets)) &&
                         (!sha256 || sha256->size() == hash_octets);
  if (!decodable) return session_->fail_unknown(request.id);  // AMP1-CONV-016

  bulk::opening wanted{std::string(*way), std::string(*resource), std::nullopt, std::string(sha256.value_or(""))};
  if (size) wanted.size = static_cast<std::uint64_t>(octets);
  const auto made = office_->desk->open(wanted, owner_);
  if (const auto* refused = std::get_if<bulk::open_error>(&made)) {
    // None of them is fatal (BULK-029).
    switch (*refused) {
      case bulk::open_error::denied:
        return session_->fail(request.id, "BULK_DENIED", "this transfer is not allowed");
      case bulk::open_error::limit:
        return session_->fail(request.id, "BULK_LIMIT", "too much, or too many transfers are open");
      case bulk::open_error::unsupported:
        return session_->fail(request.id, "BULK_UNSUPPORTED", "there is no such transfer");
    }
  }
  const auto& opened = std::get<bulk::opened>(made);
  std::string expires;
  if (amp::print_datetime(time_of(opened.expires), expires)) return session_->fail_unknown(request.id);
  // BULK-001, -035: this answer is the only place that ever tells the token.
  session_->answer(request.id,
                   amp::box{{"url", office_->origin + opened.target}, {"token", opened.token}, {"expires", expires}});
}

void bulk_service::stored(const amp::request_received& request) {
  const auto resource = text(request, "resource");
  if (!resource) return session_->fail_unknown(request.id);
  const auto kept = office_->desk->stored(*resource);
  if (!kept) return session_->fail(request.id, "BULK_NOT_STORED", "nothing is stored under that name");
  session_->answer(request.id, amp::box{{"size", std::to_string(kept->size)}, {"sha256", kept->sha256}});
}

void bulk_service::clock(const amp::request_received& request) {
  const auto seconds = request.arguments.find("advance");
  std::int64_t count = 0;
  if (!seconds || !decodes(*seconds, value_type::natural, &count)) return session_->fail_unknown(request.id);
  office_->desk->age(owner_, count);
  session_->answer(request.id, {});
}

}  // namespace ampspec::behaviour
