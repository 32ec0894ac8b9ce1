#pragma once

#include "engine/auth/authenticator.h"
#include "engine/base/hash.h"
#include "engine/base/logger.h"
#include "engine/base/time.h"
#include "engine/observe/observation.h"
#include "engine/world/world.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::auth {

/// Who failed to say who he is of late, by address and by name. Outlives the authenticators of
/// single configurations.
class FailureTable {
public:
    /// So many are free; each further one doubles the wait, from the shortest to the longest.
    static constexpr unsigned kFree = 10;
    static constexpr Duration kShortest = base::milliseconds(100);
    static constexpr Duration kLongest = base::seconds(5);
    /// Without a further failure for so long, those before are forgotten.
    static constexpr Duration kForgotten = base::minutes(5);
    static constexpr std::size_t kMost = 65'536;

    /// `hash_seed`: a secret, for the names that are tried are anybody's choice.
    explicit FailureTable(std::uint64_t hash_seed = 0)
        : entries_(0, base::TextHash{.seed = hash_seed}) {}

    /// How long an attempt of these has to wait; one of the same comes after it. Zero: not at all.
    /// None when it would be longer than `longest`, and then nobody's turn changes.
    std::optional<Duration> wait(Credentials const& credentials, Instant now, Duration longest);

    /// True when it is the failure after which attempts have to wait.
    bool failed(Credentials const& credentials, Instant now);

    /// Someone from there is known: half of what failed from there is forgiven, so that one client
    /// with a wrong password does not hold up all who come by the same address.
    void succeeded(Credentials const& credentials, Instant now);

    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        unsigned failures = 0;
        Instant last_failure;
        Instant next_turn;
    };
    using Entries = std::unordered_map<std::string, Entry, base::TextHash, std::equal_to<>>;

    static std::string address_key(Credentials const& credentials);
    static std::string user_key(Credentials const& credentials);
    static Duration delay_after(unsigned failures);

    Entry* find(std::string const& key, Instant now);
    unsigned count(std::string const& key, Instant now);

    Entries entries_;
};

/// Lets guessers wait: an attempt after many failures from one address, or on one name, is judged
/// later, and not at all while too many wait. Loopback never waits.
class DelayedAuth : public Authenticator {
public:
    /// `longest`: the patience of whoever waits for a verdict.
    struct Parts {
        World& world;
        Logger& log;
        observe::Observation& observation;
        FailureTable& failures;
        Duration longest;
    };

    DelayedAuth(Parts const& parts, std::unique_ptr<Authenticator> next);
    ~DelayedAuth() override;

    DelayedAuth(DelayedAuth const&) = delete;
    DelayedAuth& operator=(DelayedAuth const&) = delete;

    void authenticate(Credentials const& credentials, OnVerdict done) override;
    bool asks_for_signatures() const override { return next_->asks_for_signatures(); }
    bool admits_unnamed(permission::ConnectionType type) const override {
        return next_->admits_unnamed(type);
    }

private:
    void judge(Credentials const& credentials, OnVerdict done);
    void held_back(Credentials const& credentials);

    Parts parts_;
    std::shared_ptr<Authenticator> next_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::auth
