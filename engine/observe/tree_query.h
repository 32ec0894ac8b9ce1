#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::observe {

/// A node of the subject tree of one server: a token below its parent. Ids are given in the order
/// of appearing and never reused; 0 is the root.
using NodeId = std::uint32_t;

enum class TreeSort {
    Name,
    MsgRate,
    ByteRate,
    TotalMsgs,
    TotalBytes,
    Subscribers,
    LastSeen
};

/// Which part of the subject tree a window shows, so that only this is made ready for it.
struct TreeQuery {
    std::uint32_t server = 0;
    std::vector<NodeId> expanded;  ///< Whose children are shown; the root always is.
    TreeSort sort = TreeSort::Name;
    bool descending = false;
    bool flat = false;  ///< A list of whole subjects in place of the tree.
    /// A filter with wildcards: only matching subjects and their parents, which are all expanded.
    std::string filter;
    std::uint32_t page =
        500;  ///< Children shown of one parent; the rest is one row that says how many.
    std::vector<NodeId> paged;  ///< Parents of which all children are shown, up to `row_limit`.
    std::uint32_t row_limit = 20'000;
};

/// One visible row, from the top.
struct TreeRow {
    enum class Kind : std::uint8_t {
        Subject,
        More
    };

    NodeId node = 0;
    Kind kind = Kind::Subject;
    std::uint8_t depth = 0;
    bool has_children = false;
    bool expanded = false;
    bool is_filter = false;    ///< Its name holds wildcards: subscribed to, never published.
    bool no_interest = false;  ///< Published, and the last message found no one.
    bool no_traffic = false;   ///< Subscribed to, and nothing that it matches was published.
    bool matches = false;    ///< The query's filter, when there is one, matches this very subject.
    std::string token;       ///< The last token; the whole subject when flat.
    std::string subject;     ///< The whole.
    std::uint64_t more = 0;  ///< `More`: how many children are not shown.
    std::uint64_t msgs = 0;  ///< Totals of this node and all below it.
    std::uint64_t bytes = 0;
    double msgs_per_second = 0;
    double bytes_per_second = 0;
    std::uint32_t subscribers = 0;  ///< Subscriptions on exactly this filter.
    std::uint32_t receivers = 0;    ///< Subscriptions that the last message found.
    std::uint32_t publishers =
        0;  ///< Distinct connections in the last minute, at most `kPublisherCap`.
    std::uint32_t last_size = 0;
    std::int64_t last_seen_ms = 0;  ///< Of the wall clock; 0: never.

    static constexpr std::uint32_t kPublisherCap = 16;
};

}  // namespace signalbox::observe
