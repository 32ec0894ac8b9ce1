#pragma once

#include "engine/permission/permissions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::host {

/// What a person asks before a client does.
struct PermissionQuestion {
    enum class Act : std::uint8_t {
        Publish,
        Subscribe,
    };

    Act act = Act::Publish;
    std::string subject;  ///< To subscribe, a filter.
    std::string queue;    ///< Empty: a plain subscription.
    bool in_system_account = false;
};

/// The answer of the same rules that a server asks, and all lines that speak of the subject.
struct PermissionAnswer {
    enum class Reason : std::uint8_t {
        NotASubject,  ///< Nothing of that name can be published or subscribed to.
        Reserved,     ///< Servers keep it for themselves.
        NoRules,      ///< Nothing is written, so everything is allowed.
        Allowed,      ///< By the line `by`.
        Denied,       ///< By the line `by`; deny wins.
        NotDenied,    ///< No line speaks of it, and nothing has to be allowed.
        NotAllowed,   ///< Some things are allowed, and this is none of them.
        AnswersOnly,  ///< It may publish answers to requests that it was sent, and nothing else.
    };

    bool allowed = false;
    Reason reason = Reason::NoRules;
    std::string by;                  ///< The line that decides, as it was written.
    std::vector<std::string> allow;  ///< Lines that allow it, the deciding one or not.
    std::vector<std::string> deny;
    /// Of a subscription that is allowed: some of what it matches is not delivered all the same.
    bool screened = false;
};

/// `permissions` may be null: those of a user without any. Needs no server and may be asked in any
/// thread.
PermissionAnswer ask_permission(permission::Permissions const* permissions,
                                PermissionQuestion const& question);

}  // namespace signalbox::host
