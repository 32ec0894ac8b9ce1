#include "engine/permission/rule_list.h"

#include "engine/base/text.h"
#include "engine/subject/tokens.h"

#include <algorithm>
#include <utility>

namespace signalbox::permission {
namespace {

using subject::Filter;
using subject::PublishSubject;
using subject::Tokens;

constexpr std::string_view kBlanks = " \t";

/// Whether the group is one that `pattern` names. A name with wildcards of its own has to be within
/// the pattern whole.
bool names_queue(std::string const& pattern, std::string_view queue) {
    if (pattern == queue) {
        return true;
    }
    auto const wanted = Filter::parse(queue);
    return wanted.ok() && Filter::from_checked(pattern).covers(wanted.value());
}

/// Whether there is a subject that both match.
bool may_meet(std::string_view a, std::string_view b) {
    Tokens left(a);
    Tokens right(b);
    while (!left.done() && !right.done()) {
        std::string_view const one = left.next();
        std::string_view const other = right.next();
        if (one == ">" || other == ">") {
            return true;
        }
        if (one != other && one != "*" && other != "*") {
            return false;
        }
    }
    return left.done() && right.done();
}

}  // namespace

Result<RuleList> RuleList::compile(std::vector<std::string> const& lines, Queues queues) {
    RuleList list;
    list.nodes_.emplace_back();
    for (std::string const& text : lines) {
        std::string_view const whole = base::trim(text);
        std::size_t const blank = whole.find_first_of(kBlanks);
        std::string_view const subject = whole.substr(0, blank);
        std::string_view const queue =
            blank == std::string_view::npos ? std::string_view() : base::trim(whole.substr(blank));
        bool const subject_is_one = Filter::parse(subject).ok();
        bool const queue_is_one =
            queue.empty() || (queues == Queues::Allowed && Filter::parse(queue).ok());
        if (!subject_is_one || !queue_is_one) {
            return Error(Errc::InvalidArgument,
                         concat("not a subject to allow or deny: ", base::quoted(text)));
        }
        list.lines_.push_back(
            {.text = text, .subject = std::string(subject), .queue = std::string(queue)});
        list.insert(static_cast<std::uint32_t>(list.lines_.size() - 1));
    }
    return list;
}

void RuleList::insert(std::uint32_t line) {
    std::uint32_t node = 0;
    Tokens tokens(lines_[line].subject);
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        if (token == ">") {
            nodes_[node].rest.push_back(line);
            return;
        }
        node = child_of(node, token);
    }
    nodes_[node].here.push_back(line);
}

std::uint32_t RuleList::child_of(std::uint32_t node, std::string_view token) {
    auto const found = nodes_[node].children.find(token);
    if (found != nodes_[node].children.end()) {
        return found->second;
    }
    auto const made = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    nodes_[node].children.emplace(token, made);
    return made;
}

std::vector<std::uint32_t> RuleList::matching(std::string_view subject) const {
    std::vector<std::uint32_t> found;
    if (lines_.empty() || !PublishSubject::from_token(subject).is_routable()) {
        return found;
    }
    // The nodes that the tokens so far lead to; each is reached by one way alone.
    std::vector<std::uint32_t> now = {0};
    std::vector<std::uint32_t> next;
    Tokens tokens(subject);
    while (!tokens.done() && !now.empty()) {
        std::string_view const token = tokens.next();
        next.clear();
        for (std::uint32_t const node : now) {
            Node const& at = nodes_[node];
            found.insert(found.end(), at.rest.begin(), at.rest.end());
            if (auto const star = at.children.find("*"); star != at.children.end()) {
                next.push_back(star->second);
            }
            auto const same = token == "*" ? at.children.end() : at.children.find(token);
            if (same != at.children.end()) {
                next.push_back(same->second);
            }
        }
        std::swap(now, next);
    }
    for (std::uint32_t const node : now) {
        found.insert(found.end(), nodes_[node].here.begin(), nodes_[node].here.end());
    }
    std::ranges::sort(found);
    return found;
}

std::optional<std::uint32_t> RuleList::plain_line(std::string_view subject) const {
    for (std::uint32_t const line : matching(subject)) {
        if (lines_[line].queue.empty()) {
            return line;
        }
    }
    return std::nullopt;
}

RuleList::QueueLines RuleList::queue_lines(std::string_view subject, std::string_view queue) const {
    QueueLines answer;
    for (std::uint32_t const line : matching(subject)) {
        if (lines_[line].queue.empty()) {
            continue;
        }
        answer.any = true;
        if (!answer.line && names_queue(lines_[line].queue, queue)) {
            answer.line = line;
        }
    }
    return answer;
}

bool RuleList::concerns(Line const& line, std::string_view queue) {
    return line.queue.empty() || (!queue.empty() && names_queue(line.queue, queue));
}

bool RuleList::covers(Filter filter, std::string_view queue) const {
    return std::ranges::any_of(lines_, [&](Line const& line) {
        return concerns(line, queue) && Filter::from_checked(line.subject).covers(filter);
    });
}

bool RuleList::overlaps(Filter filter, std::string_view queue) const {
    return std::ranges::any_of(lines_, [&](Line const& line) {
        return concerns(line, queue) && may_meet(line.subject, filter.text());
    });
}

}  // namespace signalbox::permission
