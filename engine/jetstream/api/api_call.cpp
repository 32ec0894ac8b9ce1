#include "engine/jetstream/api/api_call.h"

#include "engine/base/text.h"
#include "engine/jetstream/api/api_service.h"
#include "engine/jetstream/stream/json_fields.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {

ApiCall::ApiCall(JetStream& jetstream, ApiService& service, AccountStreams& account, Parts parts)
    : jetstream_(jetstream),
      service_(&service),
      service_life_(service.life()),
      account_(account),
      parts_(std::move(parts)),
      tokens_(base::split(parts_.subject, '.')) {}

std::string_view ApiCall::token(std::size_t at) const {
    return at < tokens_.size() ? tokens_[at] : std::string_view();
}

std::string_view ApiCall::from_token(std::size_t at) const {
    if (at >= tokens_.size()) {
        return {};
    }
    auto const begin = static_cast<std::size_t>(tokens_[at].data() - parts_.subject.data());
    return std::string_view(parts_.subject).substr(begin);
}

Stream* ApiCall::stream_at(std::size_t at) {
    Stream* const stream = account_.find(token(at));
    if (stream == nullptr) {
        refuse(api_error(ApiErrc::StreamNotFound));
    }
    return stream;
}

Json const* ApiCall::json(bool optional, WriteFields const& beside) {
    std::string_view const text = base::trim(parts_.payload);
    bool const looks = text.starts_with('{') || text.starts_with('[');
    Result<Json> parsed = Json::parse(optional && !looks ? std::string_view("{}") : text);
    if (!parsed.ok()) {
        refuse(api_error(ApiErrc::InvalidJSON, parsed.error().detail()), beside);
        return nullptr;
    }
    json_ = std::move(parsed).value();
    return &*json_;
}

void ApiCall::answer(WriteFields const& write) {
    JsonWriter json;
    json.begin_object().field("type", concat("io.nats.jetstream.api.v1.", parts_.type));
    write(json);
    json.end_object();
    send(json.take(), false);
}

void ApiCall::refuse(ApiError const& error, WriteFields const& write) {
    JsonWriter json;
    json.begin_object().field("type", concat("io.nats.jetstream.api.v1.", parts_.type));
    json.key("error");
    error.write(json);
    if (write) {
        write(json);
    }
    json.end_object();
    send(json.take(), true);
}

void ApiCall::answer_success() {
    answer([](JsonWriter& json) { json.field("success", true); });
}

void ApiCall::send(std::string text, bool failed) {
    if (is_audited()) {
        ++account_.api.total;
        account_.api.errors += failed ? 1 : 0;
    }
    if (!service_life_.expired()) {
        service_->send(*this, text);
    }
}

bool read_paging(ApiCall& call, Paging& paging) {
    Json const* const json = call.json(true);
    if (json == nullptr) {
        return false;
    }
    JsonFields fields(*json);
    fields.read("offset", paging.offset);
    fields.read("subject", paging.subject);
    if (Result<void> const read = fields.finish(call.strict()); !read.ok()) {
        call.refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()));
        return false;
    }
    paging.offset = std::max<std::int64_t>(paging.offset, 0);
    return true;
}

void write_paging(JsonWriter& json, std::size_t total, std::int64_t offset, std::int64_t limit) {
    json.field("total", total).field("offset", offset).field("limit", limit);
}

bool expects_nothing(ApiCall& call) {
    std::string_view const text = base::trim(call.payload());
    bool empty = text.empty();
    if (!empty) {
        Result<Json> const json = Json::parse(text);
        auto const* members = json.ok() ? json.value().as_object() : nullptr;
        empty = members != nullptr && members->empty();
    }
    if (!empty) {
        call.refuse(api_error(ApiErrc::NotEmptyRequest));
    }
    return empty;
}

}  // namespace signalbox::jetstream
