#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/jetstream/api/api_call.h"
#include "engine/jetstream/stream/json_fields.h"

namespace signalbox::jetstream {
namespace {

/// `$JS.API.STREAM.MSG.GET.<name>`
constexpr std::size_t kNameAt = 5;

bool is_contradictory(MessageQuery const& query) {
    bool const by_sequence = query.sequence > 0;
    bool const last = !query.last_on.empty();
    bool const next = !query.next_on.empty();
    bool const nothing = !by_sequence && !last && !next && !query.start_time;
    return nothing || (by_sequence && last) || (by_sequence && query.start_time) ||
           (query.start_time && last) || (last && next);
}

void get(ApiCallPtr const& call) {
    if (base::trim(call->payload()).empty()) {
        return call->refuse(api_error(ApiErrc::BadRequest));
    }
    Json const* const json = call->json(false);
    if (json == nullptr) {
        return;
    }
    MessageQuery query;
    std::int64_t batch = 0;
    std::int64_t bytes = 0;
    JsonFields fields(*json);
    fields.read("seq", query.sequence);
    fields.read("last_by_subj", query.last_on);
    fields.read("next_by_subj", query.next_on);
    fields.read("start_time", query.start_time);
    fields.read("no_hdr", query.no_headers);
    fields.read("batch", batch);
    fields.read("max_bytes", bytes);
    for (char const* const direct : {"multi_last", "up_to_seq", "up_to_time"}) {
        fields.find(direct);
    }
    if (Result<void> const read = fields.finish(call->strict()); !read.ok()) {
        return call->refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()));
    }
    if (is_contradictory(query) || batch > 0 || bytes > 0) {
        return call->refuse(api_error(ApiErrc::BadRequest));
    }
    Stream* const stream = call->stream_at(kNameAt);
    if (stream == nullptr) {
        return;
    }
    stream->reader().read(
        query, [call, bare = query.no_headers](store::StoredMessage const* message,
                                               std::optional<ApiError> const& error) {
            if (message == nullptr) {
                return call->refuse(*error);
            }
            call->answer([&](JsonWriter& out) {
                out.key("message").begin_object().field("subject", message->subject);
                out.field("seq", message->sequence);
                if (!message->headers.empty() && !bare) {
                    out.field("hdrs", base::to_base64(message->headers));
                }
                if (!message->payload.empty()) {
                    out.field("data", base::to_base64(message->payload));
                }
                out.field("time", message->time).end_object();
            });
        });
}

void erase(ApiCallPtr const& call) {
    if (base::trim(call->payload()).empty()) {
        return call->refuse(api_error(ApiErrc::BadRequest));
    }
    Json const* const json = call->json(false);
    if (json == nullptr) {
        return;
    }
    EraseCommand command;
    bool keep_bytes = false;
    JsonFields fields(*json);
    fields.read("seq", command.sequence);
    fields.read("no_erase", keep_bytes);
    if (Result<void> const read = fields.finish(call->strict()); !read.ok()) {
        return call->refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()));
    }
    Stream* const stream = call->stream_at(kNameAt);
    if (stream == nullptr) {
        return;
    }
    command.overwrite = !keep_bytes;
    stream->erase(command, [call](Outcome const& outcome) {
        if (outcome.refused) {
            call->refuse(*outcome.refused);
        } else {
            call->answer_success();
        }
    });
}

constexpr ApiRoute kRoutes[] = {
    {"STREAM.MSG.GET.*", "stream_msg_get_response", get},
    {"STREAM.MSG.DELETE.*", "stream_msg_delete_response", erase},
};

}  // namespace

std::span<ApiRoute const> message_routes() {
    return kRoutes;
}

}  // namespace signalbox::jetstream
