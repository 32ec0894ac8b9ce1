#include "engine/permission/rule_books.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::permission {
namespace {

void append_list(std::string& key, std::vector<std::string> const& list) {
    for (std::string const& line : list) {
        append(key, line.size(), ":", line);
    }
    key += ';';
}

/// Equal for equal permissions alone.
std::string key_of(Permissions const& permissions) {
    std::string key;
    append_list(key, permissions.publish.allow);
    append_list(key, permissions.publish.deny);
    append_list(key, permissions.subscribe.allow);
    append_list(key, permissions.subscribe.deny);
    if (permissions.responses) {
        append(key, permissions.responses->max, ",", permissions.responses->expires.count());
    }
    return key;
}

}  // namespace

Result<std::shared_ptr<RuleBook>> RuleBooks::book_of(Permissions const* permissions) {
    if (permissions == nullptr) {
        return std::shared_ptr<RuleBook>();
    }
    std::string key = key_of(*permissions);
    auto const found = books_.find(key);
    if (found != books_.end()) {
        if (std::shared_ptr<RuleBook> book = found->second.lock()) {
            return book;
        }
    }
    std::shared_ptr<RuleBook> book = TRY(RuleBook::compile(*permissions));
    books_.insert_or_assign(std::move(key), book);
    if (books_.size() > next_sweep_) {
        forget_unused();
    }
    return book;
}

void RuleBooks::forget_unused() {
    std::erase_if(books_, [](auto const& entry) { return entry.second.expired(); });
    next_sweep_ = std::max<std::size_t>(64, books_.size() * 2);
}

}  // namespace signalbox::permission
