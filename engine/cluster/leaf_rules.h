#pragma once

#include "engine/permission/rule_book.h"

#include <memory>
#include <string_view>

namespace signalbox::cluster {

/// What starts with this tells servers that they are attached to themselves, and passes always.
inline constexpr std::string_view kLoopPrefix = "$LDS.";

/// What may pass between a leaf node and its hub, seen from one side.
class LeafRules {
public:
    struct Parts {
        permission::SubjectRules taken;  ///< Subjects of messages that come from there.
        permission::SubjectRules sent;   ///< What they may listen to, and so what is sent there.
        permission::SubjectRules told;   ///< What they are told that is listened to here.
    };

    LeafRules() = default;
    explicit LeafRules(Parts const& parts)
        : passing_(compile(parts.taken, parts.sent)), told_(compile({}, parts.told)) {}

    /// Whether a message may come from there.
    bool takes(std::string_view subject) const {
        return passing_ == nullptr || passing_->may_publish(subject);
    }
    /// Whether they may listen to this.
    bool admits(subject::Filter filter, std::string_view queue) const {
        return passing_ == nullptr || filter.text().starts_with(kLoopPrefix) ||
               passing_->rule_subscribe(filter, queue).allowed;
    }
    /// Whether a message may go there, where a wider filter was let in.
    bool sends(std::string_view subject) const {
        return passing_ == nullptr ||
               passing_->may_receive(subject, {}, permission::Screening::All);
    }
    /// Whether they are told that somebody here listens to this.
    bool tells(subject::Filter filter, std::string_view queue) const {
        return told_ == nullptr || filter.text().starts_with(kLoopPrefix) ||
               told_->rule_subscribe(filter, queue).allowed;
    }

private:
    using BookPtr = std::shared_ptr<permission::RuleBook>;

    static BookPtr compile(permission::SubjectRules const& publish,
                           permission::SubjectRules const& subscribe) {
        if (publish.empty() && subscribe.empty()) {
            return nullptr;
        }
        auto book = permission::RuleBook::compile({.publish = publish, .subscribe = subscribe});
        return book.ok() ? std::move(book).value() : nullptr;
    }

    BookPtr passing_;
    BookPtr told_;
};

}  // namespace signalbox::cluster
