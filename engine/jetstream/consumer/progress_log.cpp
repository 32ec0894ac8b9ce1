#include "engine/jetstream/consumer/progress_log.h"

#include <utility>

namespace signalbox::jetstream {
namespace {

bool has_count(Progress::Kind kind) {
    return kind == Progress::Kind::Delivered || kind == Progress::Kind::Acked ||
           kind == Progress::Kind::Release;
}

bool has_consumer_sequence(Progress::Kind kind) {
    return kind == Progress::Kind::Delivered || kind == Progress::Kind::Redelivered;
}

bool follows(Progress const& next, Progress const& last) {
    bool const same = next.kind == last.kind && next.consumer == last.consumer;
    if (same && next.kind == Progress::Kind::AckedAll) {
        return next.sequence >= last.sequence;
    }
    return same && has_count(next.kind) && next.sequence == last.sequence + last.count &&
           (!has_consumer_sequence(next.kind) ||
            next.consumer_sequence == last.consumer_sequence + last.count);
}

}  // namespace

void ProgressLog::note(Progress const& progress) {
    if (open_ && follows(progress, *open_)) {
        if (progress.kind == Progress::Kind::AckedAll) {
            open_->sequence = progress.sequence;
        } else {
            open_->count += progress.count;
        }
        return;
    }
    close();
    open_ = progress;
}

void ProgressLog::close() {
    if (!open_) {
        return;
    }
    Progress const& progress = *open_;
    bytes_.push_back(static_cast<char>(progress.kind));
    append_varint(bytes_, progress.consumer);
    append_varint(bytes_, progress.sequence);
    if (has_count(progress.kind)) {
        append_varint(bytes_, progress.count);
    }
    if (has_consumer_sequence(progress.kind)) {
        append_varint(bytes_, progress.consumer_sequence);
    }
    if (progress.kind == Progress::Kind::Delayed) {
        append_varint(bytes_, static_cast<std::uint64_t>(progress.due));
    }
    open_.reset();
}

std::string ProgressLog::take() {
    close();
    return std::exchange(bytes_, {});
}

std::optional<Progress> ProgressReader::next() {
    if (in_.at_end()) {
        return std::nullopt;
    }
    Progress progress;
    std::uint64_t const kind = in_.number();
    if (kind < 1 || kind > static_cast<std::uint64_t>(Progress::Kind::Release)) {
        return std::nullopt;
    }
    progress.kind = static_cast<Progress::Kind>(kind);
    progress.consumer = in_.number();
    progress.sequence = in_.number();
    if (has_count(progress.kind)) {
        progress.count = in_.number();
    }
    if (has_consumer_sequence(progress.kind)) {
        progress.consumer_sequence = in_.number();
    }
    if (progress.kind == Progress::Kind::Delayed) {
        progress.due = static_cast<std::int64_t>(in_.number());
    }
    return in_.sound() ? std::optional(progress) : std::nullopt;
}

}  // namespace signalbox::jetstream
