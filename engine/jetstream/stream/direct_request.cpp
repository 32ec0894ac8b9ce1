#include "engine/jetstream/stream/direct_request.h"

#include "engine/base/json_reader.h"
#include "engine/jetstream/stream/json_fields.h"

namespace signalbox::jetstream {
namespace {

bool is_contradictory(DirectRequest const& request) {
    MessageQuery const& one = request.one;
    bool const by_sequence = one.sequence > 0;
    bool const last = !one.last_on.empty();
    bool const next = !one.next_on.empty();
    bool const multi = !request.multi.empty();
    return (by_sequence && last) || (by_sequence && one.start_time) || (one.start_time && last) ||
           (last && next) || (last && request.batch > 0) || (last && multi) || (next && multi) ||
           (request.up_to_sequence > 0 && request.up_to_time);
}

}  // namespace

Result<DirectRequest> read_direct_request(std::string_view payload) {
    if (payload.empty()) {
        return Error(Errc::NotFound, "empty request");
    }
    Result<Json> const json = Json::parse(payload);
    if (!json.ok()) {
        return Error(Errc::Malformed, json.error().detail());
    }
    DirectRequest request;
    JsonFields fields(json.value());
    fields.read("seq", request.one.sequence);
    fields.read("last_by_subj", request.one.last_on);
    fields.read("next_by_subj", request.one.next_on);
    fields.read("start_time", request.one.start_time);
    fields.read("no_hdr", request.one.no_headers);
    std::int64_t batch = 0;
    std::int64_t bytes = 0;
    fields.read("batch", batch);
    fields.read("max_bytes", bytes);
    fields.read("multi_last", request.multi);
    fields.read("up_to_seq", request.up_to_sequence);
    fields.read("up_to_time", request.up_to_time);
    if (Result<void> const read = fields.finish(false); !read.ok()) {
        return Error(Errc::Malformed, read.error().detail());
    }
    request.batch = batch > 0 ? static_cast<std::uint64_t>(batch) : 0;
    request.max_bytes = bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
    if (is_contradictory(request)) {
        return Error(Errc::InvalidArgument, "contradictory");
    }
    MessageQuery const& one = request.one;
    bool const asks = one.sequence > 0 || !one.last_on.empty() || !one.next_on.empty() ||
                      one.start_time || !request.multi.empty();
    return asks ? Result<DirectRequest>(std::move(request))
                : Error(Errc::NotFound, "empty request");
}

}  // namespace signalbox::jetstream
