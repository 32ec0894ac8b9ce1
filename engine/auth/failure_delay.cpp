#include "engine/auth/failure_delay.h"

#include "engine/base/ip_address.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::auth {
namespace {

bool is_loopback(std::string_view host) {
    return host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
}

}  // namespace

/// Whoever has an address of version 6 has a whole network of them: the first half counts.
std::string FailureTable::address_key(Credentials const& credentials) {
    constexpr std::size_t kNetworkBytes = 8;
    auto const parsed = base::IpAddress::parse(credentials.remote.host);
    if (!parsed.ok() || parsed.value().unmapped().is_v4()) {
        return concat("a", parsed.ok() ? parsed.value().unmapped().text()
                                       : std::string(credentials.remote.host));
    }
    auto const network = parsed.value().bytes().first(kNetworkBytes);
    return concat("a", std::string(network.begin(), network.end()));
}

/// Keys and tokens of others cannot be guessed at by a name; empty: there is none.
std::string FailureTable::user_key(Credentials const& credentials) {
    return credentials.user.empty() ? std::string() : concat("u", credentials.user);
}

Duration FailureTable::delay_after(unsigned failures) {
    if (failures < kFree) {
        return Duration{0};
    }
    unsigned const doublings = std::min(failures - kFree, 6U);
    return std::min(kLongest, Duration(kShortest.count() << doublings));
}

FailureTable::Entry* FailureTable::find(std::string const& key, Instant now) {
    auto const found = key.empty() ? entries_.end() : entries_.find(key);
    if (found == entries_.end()) {
        return nullptr;
    }
    if (now - found->second.last_failure > kForgotten) {
        entries_.erase(found);
        return nullptr;
    }
    return &found->second;
}

std::optional<Duration> FailureTable::wait(Credentials const& credentials, Instant now,
                                           Duration longest) {
    Entry* const entries[] = {find(address_key(credentials), now),
                              find(user_key(credentials), now)};
    Instant turn = now;
    for (Entry const* const entry : entries) {
        if (entry != nullptr && entry->failures >= kFree) {
            turn = std::max({turn, entry->next_turn, entry->last_failure + kShortest});
        }
    }
    if (turn - now > longest) {
        return std::nullopt;
    }
    for (Entry* const entry : entries) {
        if (entry != nullptr && entry->failures >= kFree) {
            entry->next_turn = turn + std::min(delay_after(entry->failures), longest);
        }
    }
    return turn - now;
}

unsigned FailureTable::count(std::string const& key, Instant now) {
    if (key.empty()) {
        return 0;
    }
    Entry* entry = find(key, now);
    if (entry == nullptr) {
        if (entries_.size() >= kMost) {
            std::erase_if(entries_, [&](auto const& one) {
                return now - one.second.last_failure > kForgotten;
            });
        }
        if (entries_.size() >= kMost) {
            entries_.erase(entries_.begin());
        }
        entry = &entries_[key];
    }
    entry->last_failure = now;
    return ++entry->failures;
}

bool FailureTable::failed(Credentials const& credentials, Instant now) {
    unsigned const by_address = count(address_key(credentials), now);
    unsigned const by_user = count(user_key(credentials), now);
    return by_address == kFree || by_user == kFree;
}

void FailureTable::succeeded(Credentials const& credentials, Instant now) {
    if (Entry* const entry = find(address_key(credentials), now)) {
        entry->failures /= 2;
    }
}

DelayedAuth::DelayedAuth(Parts const& parts, std::unique_ptr<Authenticator> next)
    : parts_(parts), next_(std::move(next)) {}

DelayedAuth::~DelayedAuth() {
    *alive_ = false;
}

void DelayedAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    // Whoever was known before and is asked again guesses nothing.
    if (credentials.again || is_loopback(credentials.remote.host)) {
        next_->authenticate(credentials, std::move(done));
        return;
    }
    Instant const now = parts_.world.clock().now();
    std::optional<Duration> const wait = parts_.failures.wait(credentials, now, parts_.longest);
    if (!wait) {
        parts_.observation.counters.auth_delays.add(1);
        done({.admitted = false,
              .identity = {},
              .refusal = Refusal::WrongCredentials,
              .detail = "too many attempts wait after failures from this address or on this name"});
        return;
    }
    if (wait->count() == 0) {
        judge(credentials, std::move(done));
        return;
    }
    parts_.observation.counters.auth_delays.add(1);
    parts_.world.timers().call_at(
        now + *wait, [this, alive = alive_, credentials, done = std::move(done)]() mutable {
            // When the configuration changed meanwhile, the new one's authenticator was asked.
            if (*alive) {
                judge(credentials, std::move(done));
            }
        });
}

/// From now on attempts wait: an operator hears of it, and so does who watches.
void DelayedAuth::held_back(Credentials const& credentials) {
    std::string const text = concat("repeated authentication errors from ", credentials.remote.host,
                                    " (", shown_as(credentials), "): further attempts are delayed");
    LOG(parts_.log, Warning, text);
    parts_.observation.counters.auth_holds.add(1);
    parts_.observation.event(observe::EventKind::AttemptsHeldBack, parts_.world.clock().wall_now(),
                             nullptr, text);
}

void DelayedAuth::judge(Credentials const& credentials, OnVerdict done) {
    next_->authenticate(
        credentials, [this, alive = alive_, credentials, done = std::move(done)](Verdict verdict) {
            if (*alive) {
                Instant const now = parts_.world.clock().now();
                if (verdict.admitted) {
                    parts_.failures.succeeded(credentials, now);
                } else if (parts_.failures.failed(credentials, now)) {
                    held_back(credentials);
                }
            }
            done(std::move(verdict));
        });
}

}  // namespace signalbox::auth
