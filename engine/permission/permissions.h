#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::permission {

/// What may and may not be published or subscribed to, as it was written: subjects, and for
/// subscribing also a subject and a queue group with a blank between (`orders.> workers`).
struct SubjectRules {
    std::vector<std::string> allow;  ///< Empty: everything.
    std::vector<std::string> deny;   ///< Always wins.

    bool empty() const { return allow.empty() && deny.empty(); }
    friend bool operator==(SubjectRules const&, SubjectRules const&) = default;
};

/// What whoever was sent a request may answer, beside what it may publish anyway.
struct ResponseRules {
    std::int64_t max = 1;                 ///< Messages for each request; negative: no limit.
    Duration expires = base::minutes(2);  ///< After the request; negative: never.

    friend bool operator==(ResponseRules const&, ResponseRules const&) = default;
};

/// The permissions of a user, or those of an account for users without their own, as written in a
/// configuration or a JWT. `Authorizer` is what asks them.
struct Permissions {
    SubjectRules publish;
    SubjectRules subscribe;
    std::optional<ResponseRules> responses;

    friend bool operator==(Permissions const&, Permissions const&) = default;
};

}  // namespace signalbox::permission
