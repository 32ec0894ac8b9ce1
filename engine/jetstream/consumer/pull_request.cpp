#include "engine/jetstream/consumer/pull_request.h"

#include "engine/base/json_reader.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <optional>

namespace signalbox::jetstream {
namespace {

/// Reads members of the object one after the other, and remembers the first that is of another
/// type.
class Reader {
public:
    explicit Reader(Json const& json) : json_(json) {}

    void number(std::string_view name, std::int64_t& to) {
        Json const* const member = find(name);
        if (member == nullptr) {
            return;
        }
        std::optional<std::int64_t> const value = member->as_int();
        if (!value) {
            fail(*member, name, "int");
            return;
        }
        to = *value;
    }

    void duration(std::string_view name, Duration& to) {
        std::int64_t count = to.count();
        number(name, count);
        to = Duration(count);
    }

    void yes(std::string_view name, bool& to) {
        Json const* const member = find(name);
        if (member == nullptr) {
            return;
        }
        if (member->as_bool() == nullptr) {
            fail(*member, name, "bool");
            return;
        }
        to = *member->as_bool();
    }

    void text(std::string_view name, std::string& to) {
        Json const* const member = find(name);
        if (member == nullptr) {
            return;
        }
        if (member->as_text() == nullptr) {
            fail(*member, name, "string");
            return;
        }
        to = *member->as_text();
    }

    std::string const& error() const { return error_; }

private:
    Json const* find(std::string_view name) const {
        Json const* const member = json_.find(name);
        return member == nullptr || member->is_null() ? nullptr : member;
    }

    void fail(Json const& member, std::string_view name, std::string_view wanted) {
        if (!error_.empty()) {
            return;
        }
        std::string_view const met = member.as_text() != nullptr     ? "string"
                                     : member.as_bool() != nullptr   ? "bool"
                                     : member.as_array() != nullptr  ? "array"
                                     : member.as_object() != nullptr ? "object"
                                                                     : "number";
        error_ =
            concat("json: cannot unmarshal ", met,
                   " into Go struct field JSApiConsumerGetNextRequest.", name, " of type ", wanted);
    }

    Json const& json_;
    std::string error_;
};

Result<PullRequest> parse_object(Bytes body) {
    Json const json = TRY(Json::parse(body));
    PullRequest request;
    request.batch = 0;
    Reader reader(json);
    reader.duration("expires", request.expires);
    reader.number("batch", request.batch);
    reader.number("max_bytes", request.max_bytes);
    reader.yes("no_wait", request.no_wait);
    reader.duration("idle_heartbeat", request.heartbeat);
    reader.text("group", request.wish.group);
    reader.number("min_pending", request.wish.min_pending);
    reader.number("min_ack_pending", request.wish.min_ack_pending);
    reader.text("id", request.wish.pin_id);
    reader.number("priority", request.wish.priority);
    if (!reader.error().empty()) {
        return Error(Errc::Malformed, reader.error());
    }
    // Named without a number, or with none, it is still one delivery.
    request.batch = std::max<std::int64_t>(request.batch, 1);
    request.max_bytes = std::max<std::int64_t>(request.max_bytes, 0);
    request.expires = std::max(request.expires, Duration(0));
    if (request.heartbeat.count() != 0 &&
        (request.heartbeat.count() < 0 || request.heartbeat > request.expires / 2)) {
        return Error(Errc::Malformed, "heartbeat value too large");
    }
    return request;
}

}  // namespace

Result<PullRequest> parse_pull_request(Bytes body) {
    body = base::trim(body);
    if (body.empty()) {
        return PullRequest{};
    }
    if (body.front() == '{') {
        return parse_object(body);
    }
    // Other text asks for one message, as the reference takes it.
    PullRequest request;
    request.batch = std::max<std::int64_t>(base::parse_int(body).value_or(1), 1);
    return request;
}

}  // namespace signalbox::jetstream
