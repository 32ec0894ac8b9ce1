#pragma once

#include "engine/base/result.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::permission {

/// The lines of one list, an allow or a deny, found by subject.
///
/// A trie with one level per token, so that a list of thousands costs no more than the lines that
/// speak of a subject. The subject's own `*` and `>` are ordinary text, matched by wildcards alone.
class RuleList {
public:
    RuleList() = default;

    enum class Queues {
        Refused,
        Allowed,  ///< A line may name a queue group after a blank: `orders.> workers`.
    };

    /// Errors: InvalidArgument (a line that is no subject, or names a group where none may stand).
    static Result<RuleList> compile(std::vector<std::string> const& lines, Queues queues);

    bool empty() const { return lines_.empty(); }

    /// The first line without a group that the subject matches; none: nullopt.
    std::optional<std::uint32_t> plain_line(std::string_view subject) const;

    /// What the lines that name a group say of a subject.
    struct QueueLines {
        bool any = false;                   ///< There are some for the subject.
        std::optional<std::uint32_t> line;  ///< The first of them whose group is this one.
    };
    QueueLines queue_lines(std::string_view subject, std::string_view queue) const;

    /// Whether one line that names no group, or this one, matches all that `filter` does.
    bool covers(subject::Filter filter, std::string_view queue) const;

    /// Whether such a line may match a message that `filter` matches as well.
    bool overlaps(subject::Filter filter, std::string_view queue) const;

    /// As it was written.
    std::string const& text_of(std::uint32_t line) const { return lines_[line].text; }

private:
    struct Line {
        std::string text;
        std::string subject;
        std::string queue;  ///< A pattern; empty: the line names no group.
    };
    struct Node {
        std::map<std::string, std::uint32_t, std::less<>> children;  ///< `*` is one of them.
        std::vector<std::uint32_t> here;                             ///< Lines that end here.
        std::vector<std::uint32_t> rest;  ///< Lines that end here with `>`.
    };

    static bool concerns(Line const& line, std::string_view queue);
    void insert(std::uint32_t line);
    std::uint32_t child_of(std::uint32_t node, std::string_view token);
    /// The numbers of all lines that the subject matches, in order.
    std::vector<std::uint32_t> matching(std::string_view subject) const;

    std::vector<Line> lines_;
    std::vector<Node> nodes_;
};

}  // namespace signalbox::permission
