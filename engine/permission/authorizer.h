#pragma once

#include "engine/subject/subject.h"

#include <string_view>

namespace signalbox::permission {

/// What one identity may do: the one place that is asked on every path that publishes, replies,
/// subscribes or delivers.
///
/// Today every user may do what no user is refused: the subjects that servers keep for themselves
/// are closed, all else is open. Rules of single users join here.
class Authorizer {
public:
    /// `in_system_account`: of those who may use what is the servers' own.
    explicit Authorizer(bool in_system_account = false) : in_system_account_(in_system_account) {}

    bool may_publish(subject::PublishSubject subject) const {
        // Reserved subjects begin with these; all others need no closer look.
        std::string_view const text = subject.text();
        return (text.front() != '_' && text.front() != '$') || may_publish_reserved(text);
    }

    /// Whether answers may be asked for on `reply`.
    bool may_reply_on(std::string_view reply) const;

    /// `queue` empty: a plain subscription.
    bool may_subscribe(subject::Filter filter, std::string_view queue) const;

private:
    bool may_publish_reserved(std::string_view subject) const;

    bool in_system_account_;
};

}  // namespace signalbox::permission
