#pragma once

#include "engine/observe/subject_ids.h"
#include "engine/observe/tree_query.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::observe {

/// The subjects of a server as a tree of tokens, with sums and rates for each node.
///
/// Nodes are only added, children always after their parents, so that one pass from the last node
/// to the first adds every sum up. Equal subjects of several accounts are one node.
class SubjectTree {
public:
    static constexpr NodeId kRoot = 0;
    static constexpr NodeId kNone = 0xffffffffU;
    /// What is deeper stands in one node, dots and all.
    static constexpr std::uint8_t kMaxDepth = 64;

    struct Node {
        char const* text = nullptr;  ///< Of the whole subject, kept by the `SubjectIds`.
        std::uint32_t size = 0;
        std::uint32_t token = 0;  ///< Where the last token begins.
        NodeId first_child = kNone;
        NodeId next_sibling = kNone;  ///< The one that came before it.
        std::uint32_t children = 0;
        SubjectId id = kFolded;  ///< The first subject here; `kFolded` when it is none itself.
        bool has_wildcard = false;

        std::string_view subject() const { return {text, size}; }
        std::string_view last_token() const { return subject().substr(token); }
    };

    SubjectTree();

    /// Adds what is new in `ids` and sums everything up, `seconds` after the last time. After the
    /// first time, and after a long pause, all rates are zero.
    void update(SubjectIds const& ids, double seconds);

    std::size_t size() const { return nodes_.size(); }
    Node const& node(NodeId node) const { return nodes_[node]; }
    NodeId parent(NodeId node) const { return parents_[node]; }
    NodeId find_child(NodeId parent, std::string_view token) const;

    /// Of the node and all below it.
    std::uint64_t msgs(NodeId node) const { return sums_[node].msgs; }
    std::uint64_t bytes(NodeId node) const { return sums_[node].bytes; }
    double msg_rate(NodeId node) const { return paces_[node].msgs; }
    double byte_rate(NodeId node) const { return paces_[node].bytes; }
    std::int64_t last_seen_ms(NodeId node) const { return last_seen_[node]; }

    /// Calls `visit(id)` for each subject that is this very node: one for each account.
    template <class Visit>
    void for_each_id(NodeId node, Visit visit) const {
        if (nodes_[node].id == kFolded) {
            return;
        }
        visit(nodes_[node].id);
        auto const [begin, end] = more_ids_.equal_range(node);
        for (auto it = begin; it != end; ++it) {
            visit(it->second);
        }
    }

    /// The nodes that are subjects, or filters subscribed to, in the order of appearing.
    std::vector<NodeId> const& subjects() const { return subjects_; }

    /// How many subjects have had a message. Only grows.
    std::uint64_t published_subjects() const { return published_subjects_; }

private:
    struct Sums {
        std::uint64_t msgs = 0;
        std::uint64_t bytes = 0;
        std::uint64_t new_msgs = 0;  ///< Being added up; 0 between updates.
        std::uint64_t new_bytes = 0;
    };
    struct Pace {
        float msgs = 0;
        float bytes = 0;
        float quiet = 0;  ///< Seconds without a message.
    };

    void add(SubjectIds const& ids, SubjectId id);
    NodeId child_for(NodeId parent, std::string_view subject, std::uint32_t token);
    std::size_t place_of(NodeId parent, std::string_view token) const;
    void grow_table();
    void gather(SubjectIds const& ids);
    void sum_up(double seconds);

    std::vector<Node> nodes_;
    std::vector<NodeId> parents_;
    std::vector<NodeId> table_;    ///< Children by parent and token; `kNone`: free.
    std::vector<NodeId> node_of_;  ///< By subject id.
    std::unordered_multimap<NodeId, SubjectId> more_ids_;
    std::vector<NodeId> subjects_;

    std::vector<Sums> sums_;
    std::vector<std::int64_t> last_seen_;
    std::vector<Pace> paces_;
    std::uint64_t published_subjects_ = 0;
    bool started_ = false;
};

}  // namespace signalbox::observe
