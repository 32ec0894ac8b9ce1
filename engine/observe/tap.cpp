#include "engine/observe/tap.h"

#include <algorithm>
#include <utility>

namespace signalbox::observe {

namespace {

std::optional<subject::Filter> parsed(std::string_view text) {
    Result<subject::Filter> filter = subject::Filter::parse(text);
    return filter.ok() ? std::optional(filter.value()) : std::nullopt;
}

}  // namespace

Tap::Tap(TapFilter filter, TapRing& ring, TapCounters& counters)
    : filter_(std::move(filter)),
      subject_(parsed(filter_.subject)),
      all_subjects_(filter_.subject.empty() || filter_.subject == ">"),
      ring_(ring),
      counters_(counters),
      tokens_(filter_.rows_per_second) {
    filter_.sample = std::max<std::uint32_t>(filter_.sample, 1);
    counters_.matched.set(0);
    counters_.sampled_out.set(0);
    counters_.dropped.set(0);
}

bool Tap::passes(TapMessage const& message) {
    if (!wants_subject(message)) {
        return false;
    }
    if (filter_.connection != 0 && filter_.connection != message.cid) {
        return false;
    }
    std::size_t const size = message.headers.size() + message.payload.size();
    if (size < filter_.min_bytes || (filter_.max_bytes != 0 && size > filter_.max_bytes)) {
        return false;
    }
    return (filter_.header_contains.empty() ||
            message.headers.find(filter_.header_contains) != Bytes::npos) &&
           (filter_.payload_contains.empty() ||
            message.payload.find(filter_.payload_contains) != Bytes::npos);
}

/// Subject and account of an id never change, so each is looked at once.
bool Tap::wants_subject(TapMessage const& message) {
    SubjectId const id = message.subject_id;
    if (id == kFolded) {
        return matches_subject(message);
    }
    if (id >= verdicts_.size()) {
        verdicts_.resize(std::max<std::size_t>(id + std::size_t{1}, verdicts_.size() * 2));
    }
    if (verdicts_[id] == Verdict::Unknown) {
        verdicts_[id] = matches_subject(message) ? Verdict::Wanted : Verdict::Unwanted;
    }
    return verdicts_[id] == Verdict::Wanted;
}

bool Tap::matches_subject(TapMessage const& message) const {
    if (!filter_.account.empty() && filter_.account != message.account) {
        return false;
    }
    return all_subjects_ ||
           (subject_ && subject_->matches(subject::PublishSubject::from_token(message.subject)));
}

void Tap::take(TapMessage const& message, WallTime time, Instant now) {
    counters_.matched.add(1);
    if (until_sample_ != 0) {
        --until_sample_;
        counters_.sampled_out.add(1);
        return;
    }
    until_sample_ = filter_.sample - 1;
    if (!within_rate(now)) {
        counters_.sampled_out.add(1);
        return;
    }
    TapRow* const row = ring_.claim();
    if (row == nullptr) {
        counters_.dropped.add(1);
        return;
    }
    row->number = counters_.matched.get();
    row->time = time;
    row->account.assign(message.account);
    row->cid = message.cid;
    row->subject.assign(message.subject);
    row->reply.assign(message.reply);
    row->headers.assign(message.headers.substr(0, filter_.head_bytes));
    row->payload.assign(message.payload.substr(0, filter_.head_bytes));
    row->header_bytes = message.headers.size();
    row->payload_bytes = message.payload.size();
    row->recipients = message.recipients;
    ring_.publish();
}

bool Tap::within_rate(Instant now) {
    double const rate = filter_.rows_per_second;
    double const elapsed = std::chrono::duration<double>(now - refilled_).count();
    refilled_ = now;
    tokens_ = std::min(tokens_ + std::max(elapsed, 0.0) * rate, std::max(rate, 1.0));
    if (tokens_ < 1) {
        return false;
    }
    tokens_ -= 1;
    return true;
}

}  // namespace signalbox::observe
