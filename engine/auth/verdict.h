#pragma once

#include <string>

namespace signalbox::auth {

/// Who a connection turned out to be.
struct Identity {
    std::string account;  ///< The name of the account it is bound to.
    std::string user;     ///< As monitoring shows it; empty: anonymous. Never a secret.
    std::string label;    ///< As the log shows it: `user:x`, `token`; empty: anonymous.
};

/// Admitted as someone, or not.
struct Verdict {
    bool admitted = false;
    Identity identity;
};

}  // namespace signalbox::auth
