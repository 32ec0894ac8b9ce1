#include "engine/jetstream/consumer/release_desk.h"

#include <utility>

namespace signalbox::jetstream {
namespace {

/// So many messages of a sweep in one go.
constexpr int kSweepSteps = 256;

}  // namespace

void ReleaseDesk::consider(std::uint64_t sequence) {
    switch (host_.facts().retention) {
        case Retention::Limits:
            return;
        case Retention::WorkQueue:
            // Each message has one reader.
            under_way_.insert(sequence);
            judge_.release(sequence);
            return;
        case Retention::Interest:
            decide(sequence);
            return;
    }
}

void ReleaseDesk::decide(std::uint64_t sequence) {
    ReleaseJudge::Need const need = judge_.need_of(sequence);
    if (need == ReleaseJudge::Need::Somebody) {
        under_way_.erase(sequence);
        return;
    }
    under_way_.insert(sequence);
    if (need == ReleaseJudge::Need::Nobody) {
        judge_.release(sequence);
        return;
    }
    Result<store::Load> const load = host_.store().load(sequence);
    if (!load.ok() || std::holds_alternative<store::NotFound>(load.value())) {
        under_way_.erase(sequence);
        return;
    }
    if (auto const* const fetching = std::get_if<store::Fetching>(&load.value())) {
        wait(fetching->ticket, [this, sequence] { decide(sequence); });
        return;
    }
    auto const& message = std::get<store::Found>(load.value()).message;
    if (judge_.needs(sequence, subject::PublishSubject::from_token(message.subject))) {
        under_way_.erase(sequence);
    } else {
        judge_.release(sequence);
    }
}

void ReleaseDesk::wait(store::FetchTicket ticket, std::function<void()> then) {
    host_.store().when_fetched(ticket, [alive = std::weak_ptr(alive_), then = std::move(then)] {
        if (!alive.expired()) {
            then();
        }
    });
}

void ReleaseDesk::consider_all(std::vector<std::string> filters, std::uint64_t floor) {
    if (host_.facts().retention == Retention::Interest) {
        sweeps_.push_back({.filters = std::move(filters), .next = floor + 1});
        judge_.sweep_soon();
    }
}

bool ReleaseDesk::sweep() {
    for (int step = 0; step < kSweepSteps && !sweeps_.empty() && !fetching_; ++step) {
        Sweep& sweep = sweeps_.front();
        std::vector<subject::Filter> filters;
        for (std::string const& filter : sweep.filters) {
            filters.push_back(subject::Filter::from_checked(filter));
        }
        Result<store::Load> const load = host_.store().load_next(filters, sweep.next);
        if (!load.ok() || std::holds_alternative<store::NotFound>(load.value())) {
            sweeps_.pop_front();
            continue;
        }
        if (auto const* const fetching = std::get_if<store::Fetching>(&load.value())) {
            fetching_ = true;
            wait(fetching->ticket, [this] {
                fetching_ = false;
                judge_.sweep_soon();
            });
            return false;
        }
        std::uint64_t const sequence = std::get<store::Found>(load.value()).message.sequence;
        sweep.next = sequence + 1;
        decide(sequence);
    }
    return !sweeps_.empty() && !fetching_;
}

void ReleaseDesk::begin() {
    for (std::uint64_t const sequence : std::exchange(under_way_, {})) {
        consider(sequence);
    }
}

void ReleaseDesk::save(std::string& out) const {
    append_varint(out, under_way_.size());
    for (std::uint64_t const sequence : under_way_) {
        append_varint(out, sequence);
    }
}

void ReleaseDesk::restore(VarintReader& in) {
    for (std::uint64_t left = in.number(); left > 0 && in.sound(); --left) {
        under_way_.insert(in.number());
    }
}

}  // namespace signalbox::jetstream
