#pragma once

#include "engine/permission/decision_cache.h"
#include "engine/permission/permissions.h"
#include "engine/permission/rule_list.h"
#include "engine/permission/screening.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::permission {

/// An answer, and the line that gave it.
struct Ruling {
    bool allowed = true;
    std::string by;  ///< `allow "foo.>"`, `deny "foo"`; empty: no line speaks of it.
};

/// Permissions, compiled: what one user, or all who have the same permissions, may do. Deny wins
/// over allow; a line that names a queue group can only narrow.
///
/// Shared by the connections of a user, so that what was decided for one is known to all.
class RuleBook {
public:
    /// Errors: InvalidArgument (a line that cannot be read).
    static Result<std::shared_ptr<RuleBook>> compile(Permissions const& permissions);

    bool may_publish(std::string_view subject) {
        DecisionCache::Place& place = publish_cache_.place_of(subject);
        if (place.known == DecisionCache::Known::No) [[unlikely]] {
            place.known = known(rule_publish(subject).allowed);
        }
        return place.known == DecisionCache::Known::Allowed;
    }

    /// Whether a message on `subject` may be delivered to a subscription of that queue group.
    bool may_receive(std::string_view subject, std::string_view queue, Screening screening);

    /// How messages for a subscription that was let in have to be looked at.
    Screening screening(subject::Filter filter, std::string_view queue) const;

    Ruling rule_publish(std::string_view subject) const;
    Ruling rule_subscribe(subject::Filter filter, std::string_view queue) const;
    Ruling rule_receive(std::string_view subject, std::string_view queue,
                        Screening screening) const;

    /// Whoever is sent a request may answer it by these.
    std::optional<ResponseRules> const& responses() const { return responses_; }

private:
    RuleBook() = default;

    static DecisionCache::Known known(bool allowed) {
        return allowed ? DecisionCache::Known::Allowed : DecisionCache::Known::Refused;
    }
    Ruling allowed_to_subscribe(std::string_view subject, std::string_view queue) const;
    Ruling not_denied(std::string_view subject, std::string_view queue) const;

    RuleList publish_allow_;
    RuleList publish_deny_;
    RuleList subscribe_allow_;
    RuleList subscribe_deny_;
    std::optional<ResponseRules> responses_;
    DecisionCache publish_cache_;
    std::array<DecisionCache, 2> receive_caches_;  ///< By `Screening`, without `None`.
};

}  // namespace signalbox::permission
