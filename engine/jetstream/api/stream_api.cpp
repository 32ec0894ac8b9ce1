#include "engine/base/text.h"
#include "engine/jetstream/api/api_call.h"
#include "engine/jetstream/api/stream_info.h"
#include "engine/jetstream/stream/filters.h"
#include "engine/jetstream/stream/json_fields.h"

#include <algorithm>
#include <vector>

namespace signalbox::jetstream {
namespace {

constexpr std::int64_t kMostNames = 1'024;
constexpr std::int64_t kMostListed = 256;
constexpr std::uint64_t kMostSubjects = 100'000;
/// `$JS.API.STREAM.CREATE.<name>`
constexpr std::size_t kNameAt = 4;

WallTime now(ApiCall const& call) {
    return call.jetstream().parts().world.clock().wall_now();
}

/// The configuration of a request; nothing: it is none, which was answered.
std::optional<StreamRequest> read_request(ApiCall& call) {
    std::string_view const name = call.token(kNameAt);
    if (base::trim(call.payload()).empty()) {
        call.refuse(api_error(ApiErrc::StreamMismatch));
        return std::nullopt;
    }
    Json const* const json = call.json(false);
    if (json == nullptr) {
        return std::nullopt;
    }
    Result<StreamRequest> request =
        read_stream_request(*json, call.strict() ? Fields::Strict : Fields::Loose);
    if (!request.ok()) {
        call.refuse(api_error(ApiErrc::InvalidJSON, request.error().detail()));
        return std::nullopt;
    }
    if (request.value().config.name != name) {
        call.refuse(api_error(ApiErrc::StreamMismatch));
        return std::nullopt;
    }
    return std::move(request).value();
}

/// Tells those who listen what became of a stream.
void advise(ApiCall const& call, std::string_view event, std::string_view action) {
    std::string const name(call.token(kNameAt));
    call.jetstream().advisor().say(call.account().account(), concat("STREAM.", event, ".", name),
                                   "stream_action", [&](JsonWriter& json) {
                                       json.field("stream", name).field("action", action);
                                       json.field_unless_empty("domain",
                                                               call.jetstream().options().domain);
                                   });
}

void tell_made(ApiCall& call, Stream const& stream, bool created) {
    call.answer([&](JsonWriter& json) {
        write_stream_info(json, stream, {}, Metadata::AsTold);
        write_copies(json, stream, call.account().progress_of(stream.name()), now(call));
        json.field("ts", now(call)).field_unless_empty("did_create", created);
    });
}

void create(ApiCallPtr const& call) {
    std::optional<StreamRequest> request = read_request(*call);
    if (!request) {
        return;
    }
    StreamConfig& config = request->config;
    if (config.sealed) {
        return call->refuse(api_error(ApiErrc::StreamInvalidConfig,
                                      "stream configuration for create can not be sealed"));
    }
    JetStream& jetstream = call->jetstream();
    if (auto refusal = jetstream.settle(call->account(), config, request->pedantic, nullptr)) {
        return call->refuse(*refusal);
    }
    if (Stream const* const existing = call->account().find(config.name)) {
        if (same_stream(existing->config(), config)) {
            return tell_made(*call, *existing, true);
        }
        return call->refuse(api_error(ApiErrc::StreamNameExist));
    }
    jetstream.create(call->account(), std::move(config),
                     [call](Stream* stream, std::optional<ApiError> const& error) {
                         if (stream == nullptr) {
                             call->refuse(*error);
                         } else {
                             advise(*call, "CREATED", "create");
                             tell_made(*call, *stream, true);
                         }
                     });
}

void update(ApiCallPtr const& call) {
    std::optional<StreamRequest> request = read_request(*call);
    if (!request) {
        return;
    }
    Stream* const existing = call->stream_at(kNameAt);
    if (existing == nullptr) {
        return;
    }
    JetStream& jetstream = call->jetstream();
    if (auto refusal =
            jetstream.settle(call->account(), request->config, request->pedantic, existing)) {
        return call->refuse(*refusal);
    }
    jetstream.update(call->account(), *existing, std::move(request->config),
                     [call](Stream* stream, std::optional<ApiError> const& error) {
                         if (stream == nullptr) {
                             call->refuse(*error);
                         } else {
                             advise(*call, "UPDATED", "modify");
                             tell_made(*call, *stream, false);
                         }
                     });
}

/// In the order of their names, those that a subject is asked for.
std::vector<Stream const*> listed(ApiCall const& call, std::string_view subject) {
    std::vector<Stream const*> streams;
    for (auto const& [name, stream] : call.account().all()) {
        auto const meets = [&](std::string const& one) { return filters_meet(one, subject); };
        auto const& subjects = stream->config().subjects;
        bool const wanted =
            subject.empty() ||
            (subjects.empty() ? filters_meet(name, subject) : std::ranges::any_of(subjects, meets));
        if (wanted) {
            streams.push_back(stream.get());
        }
    }
    return streams;
}

/// The part of a list that a page shows.
std::span<Stream const* const> page(std::vector<Stream const*> const& streams, std::int64_t offset,
                                    std::int64_t limit) {
    std::size_t const begin = std::min(static_cast<std::size_t>(offset), streams.size());
    std::size_t const count = std::min(static_cast<std::size_t>(limit), streams.size() - begin);
    return std::span(streams).subspan(begin, count);
}

void names(ApiCallPtr const& call) {
    Paging paging;
    if (!read_paging(*call, paging)) {
        return;
    }
    std::vector<Stream const*> const streams = listed(*call, paging.subject);
    paging.offset = std::min(paging.offset, static_cast<std::int64_t>(streams.size()));
    call->answer([&](JsonWriter& json) {
        write_paging(json, streams.size(), paging.offset, kMostNames);
        auto const shown = page(streams, paging.offset, kMostNames);
        json.key("streams");
        if (shown.empty()) {
            json.null();
            return;
        }
        json.begin_array();
        for (Stream const* stream : shown) {
            json.value(stream->name());
        }
        json.end_array();
    });
}

void list(ApiCallPtr const& call) {
    Paging paging;
    if (!read_paging(*call, paging)) {
        return;
    }
    std::vector<Stream const*> const streams = listed(*call, paging.subject);
    paging.offset = std::min(paging.offset, static_cast<std::int64_t>(streams.size()));
    call->answer([&](JsonWriter& json) {
        write_paging(json, streams.size(), paging.offset, kMostListed);
        json.key("streams").begin_array();
        for (Stream const* stream : page(streams, paging.offset, kMostListed)) {
            json.begin_object();
            write_stream_info(json, *stream, {}, Metadata::Stored);
            write_copies(json, *stream, call->account().progress_of(stream->name()), now(*call));
            json.field("ts", now(*call)).end_object();
        }
        json.end_array();
    });
}

void write_no_page(JsonWriter& json) {
    write_paging(json, 0, 0, 0);
}

void info(ApiCallPtr const& call) {
    Json const* const json = call->json(true, write_no_page);
    if (json == nullptr) {
        return;
    }
    StateDetails details;
    std::int64_t offset = 0;
    JsonFields fields(*json);
    fields.read("offset", offset);
    fields.read("deleted_details", details.deleted);
    fields.read("subjects_filter", details.subjects);
    if (Result<void> const read = fields.finish(call->strict()); !read.ok()) {
        return call->refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()), write_no_page);
    }
    Stream const* const stream = call->account().find(call->token(kNameAt));
    if (stream == nullptr) {
        return call->refuse(api_error(ApiErrc::StreamNotFound), write_no_page);
    }
    offset = std::max<std::int64_t>(offset, 0);
    std::size_t total = 0;
    if (!details.subjects.empty()) {
        details.offset = static_cast<std::uint64_t>(offset);
        details.limit = kMostSubjects;
        if (auto const filter = subject::Filter::parse(details.subjects); filter.ok()) {
            total = stream->store().totals(store::Filters(&filter.value(), 1)).subjects;
        }
    }
    call->answer([&](JsonWriter& out) {
        bool const paged = !details.subjects.empty();
        write_paging(out, total, paged ? offset : 0,
                     paged ? static_cast<std::int64_t>(kMostSubjects) : 0);
        write_stream_info(out, *stream, details, Metadata::AsTold);
        out.key("cluster").begin_object();
        out.field("leader", call->jetstream().parts().server_name).end_object();
        write_copies(out, *stream, call->account().progress_of(stream->name()), now(*call));
        out.field("ts", now(*call));
    });
}

void remove(ApiCallPtr const& call) {
    if (!expects_nothing(*call) || call->stream_at(kNameAt) == nullptr) {
        return;
    }
    call->jetstream().remove(
        call->account(), call->token(kNameAt), [call](Result<void> const& result) {
            if (result.ok()) {
                advise(*call, "DELETED", "delete");
                call->answer_success();
            } else {
                call->refuse(api_error(ApiErrc::StreamDelete, result.error().detail()));
            }
        });
}

void write_none_purged(JsonWriter& json) {
    json.field("purged", 0);
}

void purge(ApiCallPtr const& call) {
    Json const* const json = call->json(true, write_none_purged);
    if (json == nullptr) {
        return;
    }
    std::string filter;
    PurgeCommand command;
    JsonFields fields(*json);
    fields.read("seq", command.sequence);
    fields.read("filter", filter);
    fields.read("keep", command.keep);
    if (Result<void> const read = fields.finish(call->strict()); !read.ok()) {
        return call->refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()),
                            write_none_purged);
    }
    if (command.sequence > 0 && command.keep > 0) {
        return call->refuse(api_error(ApiErrc::BadRequest), write_none_purged);
    }
    Stream* const stream = call->account().find(call->token(kNameAt));
    if (stream == nullptr) {
        return call->refuse(api_error(ApiErrc::StreamNotFound), write_none_purged);
    }
    if (!filter.empty() && !subject::Filter::parse(filter).ok()) {
        return call->refuse(api_error(ApiErrc::StreamPurgeFailed, "invalid subject"),
                            write_none_purged);
    }
    command.filter = filter;
    stream->purge(command, [call](Outcome const& outcome) {
        if (outcome.refused) {
            return call->refuse(*outcome.refused, write_none_purged);
        }
        call->answer(
            [&](JsonWriter& out) { out.field("success", true).field("purged", outcome.count); });
    });
}

constexpr ApiRoute kRoutes[] = {
    {"STREAM.CREATE.*", "stream_create_response", create},
    {"STREAM.UPDATE.*", "stream_update_response", update},
    {"STREAM.NAMES", "stream_names_response", names},
    {"STREAM.LIST", "stream_list_response", list},
    {"STREAM.INFO.*", "stream_info_response", info},
    {"STREAM.DELETE.*", "stream_delete_response", remove},
    {"STREAM.PURGE.*", "stream_purge_response", purge},
};

}  // namespace

std::span<ApiRoute const> stream_routes() {
    return kRoutes;
}

}  // namespace signalbox::jetstream
