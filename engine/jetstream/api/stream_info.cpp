#include "engine/jetstream/api/stream_info.h"

#include "engine/subject/subject.h"

namespace signalbox::jetstream {
namespace {

constexpr char kNoTime[] = "0001-01-01T00:00:00Z";
/// No more deleted sequences are listed.
constexpr std::size_t kMostDeleted = 1'000'000;

void write_time(JsonWriter& json, char const* name, WallTime time) {
    if (time.is_set()) {
        json.field(name, time);
    } else {
        json.field(name, kNoTime);
    }
}

void write_subjects(JsonWriter& json, store::StreamStore const& store,
                    StateDetails const& details) {
    auto const filter = subject::Filter::parse(details.subjects);
    if (!filter.ok()) {
        return;
    }
    std::uint64_t at = 0;
    bool open = false;
    store.visit_subjects(filter.value(), [&](store::SubjectState const& subject) {
        if (at++ < details.offset) {
            return true;
        }
        if (!open) {
            json.key("subjects").begin_object();
            open = true;
        }
        json.field(subject.subject, subject.messages);
        return at < details.offset + details.limit;
    });
    if (open) {
        json.end_object();
    }
}

void write_deleted(JsonWriter& json, store::StreamStore const& store) {
    json.key("deleted").begin_array();
    std::size_t count = 0;
    store.visit_deleted([&](store::Sequence first, store::Sequence last) {
        for (store::Sequence at = first; at <= last && count < kMostDeleted; ++at, ++count) {
            json.value(at);
        }
        return count < kMostDeleted;
    });
    json.end_array();
}

void write_copy(JsonWriter& json, CopyProgress const& progress, WallTime now) {
    StreamSource const& source = *progress.source;
    json.begin_object().field("name", source.name);
    if (source.external) {
        json.key("external");
        write(json, *source.external);
    }
    json.field("lag", progress.lag);
    json.field("active", progress.last_contact ? (now - *progress.last_contact).count() : -1);
    json.field_unless_empty("filter_subject", source.filter);
    if (!source.transforms.empty()) {
        json.key("subject_transforms").begin_array();
        for (SubjectTransform const& transform : source.transforms) {
            write(json, transform);
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

void write_copies(JsonWriter& json, Stream const& stream, std::vector<CopyProgress> const& progress,
                  WallTime now) {
    if (progress.empty()) {
        return;
    }
    if (stream.config().mirror) {
        json.key("mirror");
        write_copy(json, progress.front(), now);
        return;
    }
    json.key("sources").begin_array();
    for (CopyProgress const& one : progress) {
        write_copy(json, one, now);
    }
    json.end_array();
}

void write_state(JsonWriter& json, Stream const& stream, StateDetails const& details) {
    store::StoreState const& state = stream.store_state();
    // A stream that never had a message begins at nothing.
    bool const untouched = state.last == 0;
    json.begin_object()
        .field("messages", state.messages)
        .field("bytes", state.bytes)
        .field("first_seq", untouched ? 0 : state.first);
    write_time(json, "first_ts", state.first_time);
    json.field("last_seq", state.last);
    write_time(json, "last_ts", state.last_time);
    json.field_unless_empty("num_subjects", state.subjects);
    if (!details.subjects.empty()) {
        write_subjects(json, stream.store(), details);
    }
    json.field_unless_empty("num_deleted", state.deleted);
    if (details.deleted && state.deleted > 0) {
        write_deleted(json, stream.store());
    }
    json.field("consumer_count", stream.consumer_count()).end_object();
}

void write_stream_info(JsonWriter& json, Stream const& stream, StateDetails const& details,
                       Metadata metadata) {
    json.key("config");
    if (metadata == Metadata::AsTold) {
        write_as_told(json, stream.config());
    } else {
        write(json, stream.config());
    }
    json.field("created", stream.created()).key("state");
    write_state(json, stream, details);
    json.field_unless_empty("domain", stream.facts().domain);
}

}  // namespace signalbox::jetstream
