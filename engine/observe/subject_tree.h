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
    std::int64_t last_seen_ms(SubjectIds const& ids, NodeId node) const {
        std::uint32_t const branch = branch_of_[node];
        return branch != kLeaf
                   ? branches_[branch].last_seen_ms
                   : static_cast<std::int64_t>(ids.entry(nodes_[node].id).last_seen.get());
    }

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
    };
    struct Pace {
        float msgs = 0;
        float bytes = 0;
        float quiet = 0;  ///< Seconds without a message.
    };
    /// A node that gathers from several: its children, or equal subjects of several accounts. All
    /// others have one subject's counters for their sums, and need no place to gather in.
    struct Branch {
        Sums gathered;  ///< Being added up; zero between updates.
        std::int64_t last_seen_ms = 0;
    };
    /// How the time since the last update weighs.
    struct Step {
        bool paused = true;
        float seconds = 0;
        float per_second = 0;
        float weight = 0;
    };
    static constexpr std::uint32_t kLeaf = 0xffffffffU;

    void add(SubjectIds const& ids, SubjectId id);
    NodeId child_for(NodeId parent, std::string_view subject, std::uint32_t token);
    std::size_t place_of(NodeId parent, std::string_view token) const;
    void grow_table();
    void make_branch(NodeId node);
    void gather(SubjectIds const& ids, Step const& step);
    void sum_up(Step const& step);
    static Step step_of(double seconds);
    static void follow(Pace& pace, Sums from, Sums to, Step const& step);

    std::vector<Node> nodes_;
    std::vector<NodeId> parents_;
    std::vector<NodeId> table_;    ///< Children by parent and token; `kNone`: free.
    std::vector<NodeId> node_of_;  ///< By subject id.
    std::unordered_multimap<NodeId, SubjectId> more_ids_;
    std::vector<NodeId> subjects_;

    std::vector<Sums> sums_;
    std::vector<Pace> paces_;
    std::vector<std::uint32_t> branch_of_;  ///< By node: its place in `branches_`, or `kLeaf`.
    std::vector<Branch> branches_;
    std::uint64_t published_subjects_ = 0;
    bool started_ = false;
};

}  // namespace signalbox::observe
