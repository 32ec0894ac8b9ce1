#pragma once

#include "engine/permission/permissions.h"

#include "tests/support/random_subject.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::support {

/// Whether all that `narrow` matches is matched by `wide` too, token by token.
inline bool plainly_covers(std::string_view wide, std::string_view narrow) {
    std::vector<std::string> const wanted = tokens_of(wide);
    std::vector<std::string> const given = tokens_of(narrow);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= given.size()) {
            return false;
        }
        if (wanted[i] == ">") {
            return true;
        }
        if (given[i] == ">" || (wanted[i] != "*" && wanted[i] != given[i])) {
            return false;
        }
    }
    return wanted.size() == given.size();
}

/// What permissions mean: line by line, slow, and plainly right.
class PlainPermissions {
public:
    explicit PlainPermissions(permission::Permissions permissions)
        : rules_(std::move(permissions)) {}

    bool may_publish(std::string_view subject) const {
        bool allowed = rules_.publish.allow.empty();
        for (std::string const& line : rules_.publish.allow) {
            allowed = allowed || plainly_matches(line, subject);
        }
        for (std::string const& line : rules_.publish.deny) {
            allowed = allowed && !plainly_matches(line, subject);
        }
        return allowed;
    }

    bool may_subscribe(std::string_view filter, std::string_view queue) const {
        return queue != "_sys_" && allowed(filter, queue) && !denied(filter, queue);
    }

    /// Of a subscription that it may have, and a subject that its filter matches.
    bool may_receive(std::string_view filter, std::string_view queue,
                     std::string_view subject) const {
        return !denied(subject, queue) && (allowed_whole(filter, queue) || allowed(subject, queue));
    }

private:
    struct Line {
        std::string subject;
        std::string queue;
    };

    static Line read(std::string const& text) {
        std::size_t const blank = text.find(' ');
        return blank == std::string::npos ? Line{text, {}}
                                          : Line{text.substr(0, blank), text.substr(blank + 1)};
    }
    static bool is_group(std::string_view pattern, std::string_view queue) {
        return pattern == queue || plainly_covers(pattern, queue);
    }

    bool allowed(std::string_view subject, std::string_view queue) const {
        bool plain = false;
        bool named = false;
        bool this_one = false;
        for (std::string const& text : rules_.subscribe.allow) {
            Line const line = read(text);
            if (plainly_matches(line.subject, subject)) {
                plain = plain || line.queue.empty();
                named = named || !line.queue.empty();
                this_one = this_one || (!line.queue.empty() && is_group(line.queue, queue));
            }
        }
        if (rules_.subscribe.allow.empty()) {
            return true;
        }
        return !queue.empty() && named ? this_one : plain;
    }

    bool denied(std::string_view subject, std::string_view queue) const {
        bool hit = false;
        for (std::string const& text : rules_.subscribe.deny) {
            Line const line = read(text);
            bool const concerns =
                line.queue.empty() || (!queue.empty() && is_group(line.queue, queue));
            hit = hit || (concerns && plainly_matches(line.subject, subject));
        }
        return hit;
    }

    bool allowed_whole(std::string_view filter, std::string_view queue) const {
        bool whole = rules_.subscribe.allow.empty();
        for (std::string const& text : rules_.subscribe.allow) {
            Line const line = read(text);
            bool const concerns =
                line.queue.empty() || (!queue.empty() && is_group(line.queue, queue));
            whole = whole || (concerns && plainly_covers(line.subject, filter));
        }
        return whole;
    }

    permission::Permissions rules_;
};

/// Permissions, filters and groups by chance, of so few words that they often meet.
class RandomPermissions {
public:
    explicit RandomPermissions(std::uint64_t seed) : subjects_(seed) {}

    permission::Permissions permissions() {
        permission::Permissions some;
        some.publish = {.allow = list(false), .deny = list(false)};
        some.subscribe = {.allow = list(true), .deny = list(true)};
        return some;
    }

    std::string filter() { return subjects_.filter(); }
    std::string subject() { return subjects_.subject(); }
    std::size_t below(std::size_t bound) { return subjects_.below(bound); }

    /// Empty now and then: none.
    std::string queue() {
        static constexpr std::string_view kQueues[] = {"", "", "q", "v1.dev", "v1.x.y", "v1.*"};
        return std::string(kQueues[subjects_.below(std::size(kQueues))]);
    }

private:
    std::vector<std::string> list(bool with_queues) {
        static constexpr std::string_view kPatterns[] = {"q", "v1.dev", "v1.*", "v1.>", ">", "*"};
        std::vector<std::string> lines(subjects_.below(4));
        for (std::string& line : lines) {
            line = subjects_.filter();
            if (with_queues && subjects_.below(3) == 0) {
                line += ' ';
                line += kPatterns[subjects_.below(std::size(kPatterns))];
            }
        }
        return lines;
    }

    RandomSubjects subjects_;
};

}  // namespace signalbox::support
