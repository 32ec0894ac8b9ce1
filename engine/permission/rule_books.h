#pragma once

#include "engine/base/hash.h"
#include "engine/permission/rule_book.h"

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace signalbox::permission {

/// The rule books in use, one for all who have equal permissions.
class RuleBooks {
public:
    /// None for none. Errors: InvalidArgument, as `RuleBook::compile`.
    Result<std::shared_ptr<RuleBook>> book_of(Permissions const* permissions);

    std::size_t size() const { return books_.size(); }

private:
    void forget_unused();

    std::unordered_map<std::string, std::weak_ptr<RuleBook>> books_;
    std::size_t next_sweep_ = 64;
};

}  // namespace signalbox::permission
