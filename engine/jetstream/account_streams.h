#pragma once

#include "engine/account/account.h"
#include "engine/config/jetstream_options.h"
#include "engine/jetstream/jetstream_parts.h"
#include "engine/jetstream/stream/stream.h"
#include "engine/jetstream/stream_copies.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// Bytes by where they are kept.
struct RoomTaken {
    std::uint64_t memory = 0;
    std::uint64_t storage = 0;
};

/// Requests that an account made of the API.
struct ApiCounts {
    std::uint64_t total = 0;
    std::uint64_t errors = 0;
};

/// The streams of one account, and how much it may keep.
class AccountStreams final : public StreamQuota {
public:
    using Streams = std::map<std::string, std::unique_ptr<Stream>, std::less<>>;

    /// All outlive it.
    AccountStreams(JetStreamParts const& parts, ServerRoom& server, account::Account& account)
        : parts_(parts), server_(server), account_(account) {}

    account::Account& account() const { return account_; }
    Streams const& all() const { return streams_; }

    /// Null: there is none of that name.
    Stream* find(std::string_view name) const;

    /// The limits of the configuration or the account's JWT.
    void set_limits(config::AccountJetStream limits);
    bool is_tiered() const { return limits_.tiers.count("") == 0; }
    /// What holds for a stream of so many replicas; null: no stream of that kind may be.
    config::JetStreamTier const* tier(std::int64_t replicas) const;
    config::AccountJetStream const& limits() const { return limits_; }

    /// Whether another stream than `but` takes messages that these subjects match.
    bool is_taken(std::vector<std::string> const& subjects, std::string_view but) const;

    /// Whether the account and the server have room for one more such stream; `old` is what it
    /// replaces.
    std::optional<ApiError> refusal_of_stream(StreamConfig const& config,
                                              StreamConfig const* old) const;

    Stream& add(std::unique_ptr<Stream> stream);
    /// Streams came, went, or copy others now. Not while a message is handed out.
    void copies_changed();
    /// How far a stream is with those that it copies.
    std::vector<CopyProgress> progress_of(std::string_view name) const;
    void remove(std::string_view name);
    /// All of them are gone, for the server stops.
    void close();

    RoomTaken used() const { return used_; }
    RoomTaken reserved() const;
    std::size_t consumer_count() const;

    ApiCounts api;

    // StreamQuota
    std::optional<ApiError> refusal_of(std::uint64_t bytes, bool memory) const override;
    void note(std::int64_t bytes, bool memory) override;
    void fill_in(StreamFacts& facts) const override;

private:
    JetStreamParts const& parts_;
    ServerRoom& server_;
    account::Account& account_;
    config::AccountJetStream limits_;
    bool limits_bytes_ = false;  ///< Some tier does: each publish has to ask.
    RoomTaken used_;
    Streams streams_;
    /// Of those that mirror or gather others, by name.
    std::map<std::string, std::unique_ptr<StreamCopies>, std::less<>> copies_;
};

}  // namespace signalbox::jetstream
