#pragma once

#include "engine/base/slot_map.h"
#include "engine/subject/subject.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::subject {

/// Names a subscription wherever it is kept.
using SubscriptionId = base::SlotId<struct SubscriptionTag>;

/// Who wants one message: every plain subscription, and one member of each queue group. Choosing
/// the member is the dispatcher's business; the index only finds the candidates.
struct Interest {
    struct Member {
        SubscriptionId id;
        std::uint32_t weight = 1;  ///< More than 1 for a server with several.
    };
    struct QueueGroup {
        std::string name;
        std::vector<Member> members;
    };

    std::vector<SubscriptionId> plain;
    std::vector<QueueGroup> queue_groups;

    bool empty() const { return plain.empty() && queue_groups.empty(); }
    void clear() {
        plain.clear();
        queue_groups.clear();
    }
    /// The group of that name, made when there is none: members with one name form one group
    /// however many filters they came by.
    QueueGroup& group(std::string_view name);
};

/// The subscriptions of one account, found by subject.
///
/// A trie with one level per token; `*` and `>` are two extra edges of each node, so a match costs
/// the number of tokens times the wildcards met, not the number of subscriptions. The literal edges
/// of all nodes lie in one hash table, so that a node with one child costs no table of its own.
class InterestIndex {
public:
    /// `seed`: a secret that keeps those who subscribe from choosing tokens that fall together.
    explicit InterestIndex(std::uint64_t seed = 0);

    /// `queue_group` empty means a plain subscription.
    void insert(Filter filter, std::string_view queue_group, Interest::Member member);

    /// False when there was no such subscription.
    bool erase(Filter filter, std::string_view queue_group, SubscriptionId id);

    /// Adds to `interest`, so that one caller can gather several indexes and reuse the memory.
    void match(PublishSubject subject, Interest& interest) const;

    /// Where in `generation_at` the changes that concern a subject are counted: one place for its
    /// first two tokens.
    static std::uint32_t generation_slot(PublishSubject subject);

    /// While it stands, what was matched for a subject of that slot is valid. The sum of two
    /// counters that only grow: of changes below those two tokens, and of those with a wildcard in
    /// them.
    std::uint64_t generation_at(std::uint32_t slot) const {
        return generations_[slot] + wildcard_generation_;
    }

    std::size_t size() const { return size_; }

private:
    using NodeIndex = std::uint32_t;
    using EdgeHash = std::uint32_t;
    static constexpr NodeIndex kNone = 0xffffffffU;
    static constexpr std::size_t kGenerations = 1'024;

    struct QueueMembers {
        std::string name;
        std::vector<Interest::Member> members;
    };
    struct Members {
        std::vector<SubscriptionId> plain;
        std::vector<QueueMembers> queues;

        bool empty() const { return plain.empty() && queues.empty(); }
    };
    struct Node {
        std::string token;
        NodeIndex parent = kNone;
        NodeIndex star = kNone;
        NodeIndex rest = kNone;  ///< The edge `>`.
        std::uint32_t children = 0;
        EdgeHash edge_hash = 0;
        std::unique_ptr<Members> members;
    };
    /// With the hash beside it, a search and a wider table look at no node but the one wanted.
    struct Edge {
        EdgeHash hash = 0;
        NodeIndex child = kNone;
    };

    EdgeHash edge_hash(NodeIndex parent, std::string_view token) const;
    NodeIndex find_edge(NodeIndex parent, std::string_view token, EdgeHash hash) const;
    NodeIndex find_child(NodeIndex parent, std::string_view token) const;
    NodeIndex add_child(NodeIndex parent, std::string_view token);
    void insert_edge(Edge edge);
    void erase_edge(NodeIndex child);
    void grow_edges();
    NodeIndex find_node(Filter filter) const;
    void prune(NodeIndex node);
    void give_back_memory();
    void collect(NodeIndex node, Interest& interest) const;
    void count_change(Filter filter);

    std::uint64_t seed_;
    std::vector<Node> nodes_;
    std::vector<NodeIndex> free_nodes_;
    std::vector<Edge> edges_;  ///< Open addressing by `hash`, a power of two long.
    std::size_t edge_count_ = 0;
    std::vector<std::uint64_t> generations_;
    std::uint64_t wildcard_generation_ = 0;
    std::size_t size_ = 0;
};

}  // namespace signalbox::subject
