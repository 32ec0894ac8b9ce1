#pragma once

#include "engine/base/result.h"
#include "engine/permission/permissions.h"

#include <cstddef>
#include <string>
#include <vector>

namespace signalbox::claims {

/// What the functions of a template stand for, for one user.
struct TemplateValues {
    std::string name;                       ///< `{{name()}}`
    std::string subject;                    ///< `{{subject()}}`
    std::vector<std::string> tags;          ///< `{{tag(k)}}`, each `k:value`
    std::string account_name;               ///< `{{account-name()}}`
    std::string account_subject;            ///< `{{account-subject()}}`
    std::vector<std::string> account_tags;  ///< `{{account-tag(k)}}`
};

/// So many subjects may come of one that refers to tags with several values.
constexpr std::size_t kMaxExpansions = 4'096;

/// The permissions of one user by the template of the scoped key that signed it. A tag that the
/// user has not takes its subject out of an allow list; a list that is empty because of that allows
/// nothing.
///
/// Errors: InvalidArgument (an unknown function; a missing tag in a deny list; a value that would
/// widen what the template says: empty, or with wildcards or white space), LimitExceeded.
Result<permission::Permissions> expand(permission::Permissions const& rules,
                                       TemplateValues const& values);

}  // namespace signalbox::claims
