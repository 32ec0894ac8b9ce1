#include "engine/jetstream/stream/lifetimes.h"

namespace signalbox::jetstream {

void Lifetimes::add(std::uint64_t sequence, Lifetime lifetime, WallTime stored_at) {
    if (lifetime.endless) {
        forever_.insert(sequence);
        return;
    }
    WallTime const end = stored_at + lifetime.length;
    ends_.emplace(sequence, end);
    by_end_.emplace(end, sequence);
}

void Lifetimes::forget(std::uint64_t sequence) {
    if (auto const found = ends_.find(sequence); found != ends_.end()) {
        by_end_.erase({found->second, sequence});
        ends_.erase(found);
    }
    forever_.erase(sequence);
}

void Lifetimes::forget_before(std::uint64_t first) {
    while (!ends_.empty() && ends_.begin()->first < first) {
        forget(ends_.begin()->first);
    }
    forever_.erase(forever_.begin(), forever_.lower_bound(first));
}

void Lifetimes::clear() {
    ends_.clear();
    by_end_.clear();
    forever_.clear();
}

bool Lifetimes::is_forever(std::uint64_t sequence) const {
    return forever_.count(sequence) > 0;
}

std::optional<std::pair<WallTime, std::uint64_t>> Lifetimes::next() const {
    return by_end_.empty() ? std::nullopt : std::optional(*by_end_.begin());
}

void Lifetimes::save(std::string& out) const {
    pack(out, static_cast<std::uint64_t>(ends_.size()));
    for (auto const& [sequence, end] : ends_) {
        pack(out, sequence);
        pack(out, end);
    }
    pack(out, static_cast<std::uint64_t>(forever_.size()));
    for (std::uint64_t const sequence : forever_) {
        pack(out, sequence);
    }
}

Result<void> Lifetimes::restore(Unpacking& in) {
    clear();
    std::uint64_t const count = in.number();
    for (std::uint64_t at = 0; at < count && in.sound(); ++at) {
        std::uint64_t const sequence = in.number();
        WallTime const end = in.time();
        ends_.emplace(sequence, end);
        by_end_.emplace(end, sequence);
    }
    std::uint64_t const forever = in.number();
    for (std::uint64_t at = 0; at < forever && in.sound(); ++at) {
        forever_.insert(in.number());
    }
    return in.sound() ? Result<void>() : Error(Errc::Corrupt, "lifetimes of messages");
}

}  // namespace signalbox::jetstream
