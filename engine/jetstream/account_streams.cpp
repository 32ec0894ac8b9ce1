#include "engine/jetstream/account_streams.h"

#include "engine/base/text.h"
#include "engine/jetstream/stream/filters.h"

#include <algorithm>

namespace signalbox::jetstream {
namespace {

std::uint64_t reservation(StreamConfig const& config) {
    return config.max_bytes > 0 ? static_cast<std::uint64_t>(
                                      config.max_bytes * std::max<std::int64_t>(config.replicas, 1))
                                : 0;
}

std::optional<std::uint64_t> limit_of(config::JetStreamTier const& tier, bool memory) {
    std::int64_t const limit = memory ? tier.max_memory : tier.max_storage;
    return limit < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(limit));
}

ApiError no_room(bool memory) {
    return api_error(memory ? ApiErrc::MemoryResourcesExceeded : ApiErrc::StorageResourcesExceeded);
}

}  // namespace

Stream* AccountStreams::find(std::string_view name) const {
    auto const found = streams_.find(name);
    return found == streams_.end() ? nullptr : found->second.get();
}

void AccountStreams::set_limits(config::AccountJetStream limits) {
    limits_ = std::move(limits);
    limits_bytes_ = std::ranges::any_of(limits_.tiers, [](auto const& tier) {
        return tier.second.max_memory >= 0 || tier.second.max_storage >= 0;
    });
    for (auto const& [name, stream] : streams_) {
        stream->limits_changed();
    }
}

config::JetStreamTier const* AccountStreams::tier(std::int64_t replicas) const {
    auto found = limits_.tiers.find("");
    if (found == limits_.tiers.end()) {
        found = limits_.tiers.find(concat("R", std::max<std::int64_t>(replicas, 1)));
    }
    return found == limits_.tiers.end() ? nullptr : &found->second;
}

bool AccountStreams::is_taken(std::vector<std::string> const& subjects,
                              std::string_view but) const {
    return std::ranges::any_of(streams_, [&](auto const& entry) {
        if (entry.first == but) {
            return false;
        }
        return std::ranges::any_of(entry.second->config().subjects, [&](std::string const& taken) {
            return std::ranges::any_of(
                subjects, [&](std::string const& subject) { return filters_meet(taken, subject); });
        });
    });
}

std::optional<ApiError> AccountStreams::refusal_of_stream(StreamConfig const& config,
                                                          StreamConfig const* old) const {
    config::JetStreamTier const* const limits = tier(config.replicas);
    if (limits == nullptr) {
        return api_error(ApiErrc::NoLimits);
    }
    auto const streams = static_cast<std::int64_t>(streams_.size());
    if (old == nullptr && limits->max_streams >= 0 && streams >= limits->max_streams) {
        return api_error(ApiErrc::MaximumStreamsLimit);
    }
    std::uint64_t const more = reservation(config);
    std::uint64_t const before = old == nullptr ? 0 : reservation(*old);
    RoomTaken const mine = reserved();
    std::uint64_t const have = (config.memory ? mine.memory : mine.storage) - before;
    if (auto const most = limit_of(*limits, config.memory); most && have + more > *most) {
        return no_room(config.memory);
    }
    if (more > before &&
        server_.reserved(config.memory) - before + more > server_.most(config.memory)) {
        return no_room(config.memory);
    }
    return std::nullopt;
}

Stream& AccountStreams::add(std::unique_ptr<Stream> stream) {
    std::string const name(stream->name());
    return *streams_.insert_or_assign(name, std::move(stream)).first->second;
}

void AccountStreams::remove(std::string_view name) {
    if (auto const found = copies_.find(name); found != copies_.end()) {
        copies_.erase(found);
    }
    if (auto const found = streams_.find(name); found != streams_.end()) {
        streams_.erase(found);
    }
    copies_changed();
}

void AccountStreams::copies_changed() {
    for (auto const& [name, stream] : streams_) {
        StreamConfig const& config = stream->config();
        auto const found = copies_.find(name);
        if (!config.mirror && config.sources.empty()) {
            if (found != copies_.end()) {
                copies_.erase(found);
            }
        } else if (found == copies_.end()) {
            copies_.emplace(name, std::make_unique<StreamCopies>(
                                      parts_.world, *stream,
                                      [this](std::string_view origin) { return find(origin); }));
        }
    }
    for (auto const& [name, copies] : copies_) {
        copies->look_again();
    }
}

std::vector<CopyProgress> AccountStreams::progress_of(std::string_view name) const {
    auto const found = copies_.find(name);
    return found == copies_.end() ? std::vector<CopyProgress>() : found->second->progress();
}

void AccountStreams::close() {
    copies_.clear();
    for (auto const& [name, stream] : streams_) {
        stream->close(ConsumerPart::Close::Shutdown);
    }
}

void AccountStreams::note(std::int64_t bytes, bool memory) {
    std::uint64_t& used = memory ? used_.memory : used_.storage;
    used += static_cast<std::uint64_t>(bytes);
    server_.note(bytes, memory);
}

RoomTaken AccountStreams::reserved() const {
    RoomTaken taken;
    for (auto const& [name, stream] : streams_) {
        (stream->config().memory ? taken.memory : taken.storage) += reservation(stream->config());
    }
    return taken;
}

std::size_t AccountStreams::consumer_count() const {
    std::size_t count = 0;
    for (auto const& [name, stream] : streams_) {
        count += stream->consumer_count();
    }
    return count;
}

std::optional<ApiError> AccountStreams::refusal_of(std::uint64_t bytes, bool memory) const {
    if (server_.used(memory) + bytes > server_.most(memory)) {
        return api_error(ApiErrc::InsufficientResources);
    }
    if (!limits_bytes_) {
        return std::nullopt;
    }
    config::JetStreamTier const* const limits = tier(1);
    auto const most = limits == nullptr ? std::nullopt : limit_of(*limits, memory);
    RoomTaken const taken = used();
    return most && (memory ? taken.memory : taken.storage) + bytes > *most
               ? std::optional(api_error(ApiErrc::AccountResourcesExceeded))
               : std::nullopt;
}

void AccountStreams::fill_in(StreamFacts& facts) const {
    config::JetStreamServerLimits const& server = parts_.options.jetstream.limits;
    auto const or_none = [](std::int64_t limit) { return limit > 0 ? limit : -1; };
    facts.server_max_ack_pending = or_none(server.max_ack_pending);
    facts.server_max_request_batch = or_none(server.max_request_batch);
    config::JetStreamTier const* const limits = tier(facts.replicas);
    facts.account_max_ack_pending = limits == nullptr ? -1 : or_none(limits->max_ack_pending);
    if (limits != nullptr && limits->max_consumers > 0 &&
        (facts.max_consumers <= 0 || limits->max_consumers < facts.max_consumers)) {
        facts.max_consumers = limits->max_consumers;
    }
}

}  // namespace signalbox::jetstream
