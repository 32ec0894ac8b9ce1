#include "engine/jetstream/stream/deduplication.h"

namespace signalbox::jetstream {

std::optional<std::uint64_t> Deduplication::find(std::string_view id) const {
    auto const found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

void Deduplication::remember(std::string_view id, std::uint64_t sequence, WallTime now) {
    if (by_id_.emplace(std::string(id), sequence).second) {
        in_order_.push_back({std::string(id), now});
    }
}

void Deduplication::forget_before(WallTime time) {
    while (!in_order_.empty() && in_order_.front().time < time) {
        by_id_.erase(in_order_.front().id);
        in_order_.pop_front();
    }
}

void Deduplication::clear() {
    in_order_.clear();
    by_id_.clear();
}

void Deduplication::save(std::string& out) const {
    pack(out, static_cast<std::uint64_t>(in_order_.size()));
    for (Seen const& seen : in_order_) {
        pack(out, std::string_view(seen.id));
        pack(out, seen.time);
        pack(out, by_id_.at(seen.id));
    }
}

Result<void> Deduplication::restore(Unpacking& in) {
    clear();
    std::uint64_t const count = in.number();
    for (std::uint64_t at = 0; at < count && in.sound(); ++at) {
        Bytes const id = in.text();
        WallTime const time = in.time();
        remember(id, in.number(), time);
    }
    return in.sound() ? Result<void>() : Error(Errc::Corrupt, "remembered message ids");
}

}  // namespace signalbox::jetstream
