#include "engine/subject/interest_index.h"

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/subject/tokens.h"

#include <algorithm>
#include <utility>

namespace signalbox::subject {
namespace {

constexpr std::size_t kFirstEdges = 64;

/// An index that has become empty gives back what more nodes than this took.
constexpr std::size_t kKeptNodes = 256;

bool is_wildcard(std::string_view token) {
    return token == "*" || token == ">";
}

/// The first two tokens with the dot between them, or all when there are fewer.
std::string_view first_two_tokens(std::string_view text) {
    std::size_t const first = text.find('.');
    if (first == std::string_view::npos) {
        return text;
    }
    return text.substr(0, text.find('.', first + 1));
}

}  // namespace

Interest::QueueGroup& Interest::group(std::string_view name) {
    auto const found =
        std::ranges::find_if(queue_groups, [&](QueueGroup const& g) { return g.name == name; });
    if (found != queue_groups.end()) {
        return *found;
    }
    queue_groups.push_back({.name = std::string(name), .members = {}});
    return queue_groups.back();
}

InterestIndex::InterestIndex(std::uint64_t seed)
    : seed_(seed), nodes_(1), edges_(kFirstEdges), generations_(kGenerations, 0) {}

void InterestIndex::insert(Filter filter, std::string_view queue_group, Interest::Member member) {
    NodeIndex at = 0;
    Tokens tokens(filter.text());
    while (!tokens.done()) {
        std::string_view const token = tokens.next();
        NodeIndex child = find_child(at, token);
        if (child == kNone) {
            child = add_child(at, token);
        }
        at = child;
    }
    if (!nodes_[at].members) {
        nodes_[at].members = std::make_unique<Members>();
    }
    Members& members = *nodes_[at].members;
    if (queue_group.empty()) {
        members.plain.push_back(member.id);
    } else {
        auto found = std::ranges::find_if(
            members.queues, [&](QueueMembers const& q) { return q.name == queue_group; });
        if (found == members.queues.end()) {
            members.queues.push_back({.name = std::string(queue_group), .members = {}});
            found = members.queues.end() - 1;
        }
        found->members.push_back(member);
    }
    ++size_;
    count_change(filter);
}

bool InterestIndex::erase(Filter filter, std::string_view queue_group, SubscriptionId id) {
    NodeIndex const node = find_node(filter);
    if (node == kNone || !nodes_[node].members) {
        return false;
    }
    Members& members = *nodes_[node].members;
    // From the back, for what came last goes first more often than not.
    if (queue_group.empty()) {
        auto const found = std::find(members.plain.rbegin(), members.plain.rend(), id);
        if (found == members.plain.rend()) {
            return false;
        }
        members.plain.erase(std::next(found).base());
    } else {
        auto const group = std::ranges::find_if(
            members.queues, [&](QueueMembers const& q) { return q.name == queue_group; });
        if (group == members.queues.end()) {
            return false;
        }
        auto const found =
            std::ranges::find_if(group->members, [&](auto const& m) { return m.id == id; });
        if (found == group->members.end()) {
            return false;
        }
        group->members.erase(found);
        if (group->members.empty()) {
            members.queues.erase(group);
        }
    }
    if (members.empty()) {
        nodes_[node].members.reset();
        prune(node);
    }
    --size_;
    if (size_ == 0 && nodes_.size() > kKeptNodes) {
        give_back_memory();
    }
    count_change(filter);
    return true;
}

void InterestIndex::match(PublishSubject subject, Interest& interest) const {
    if (!subject.is_routable() || size_ == 0) {
        return;
    }
    struct Step {
        NodeIndex node;
        std::size_t offset;  ///< Of the next token; past the end when there is none.
    };
    std::string_view const text = subject.text();
    // At most one pending sibling (`*`) for each level, so the stack is as deep as the subject.
    std::vector<Step> stack{{0, 0}};
    while (!stack.empty()) {
        Step const step = stack.back();
        stack.pop_back();
        Node const& node = nodes_[step.node];
        if (step.offset > text.size()) {
            collect(step.node, interest);
            continue;
        }
        if (node.rest != kNone) {
            collect(node.rest, interest);
        }
        std::string_view const token =
            text.substr(step.offset, text.find('.', step.offset) - step.offset);
        std::size_t const next = step.offset + token.size() + 1;
        if (node.star != kNone) {
            stack.push_back({node.star, next});
        }
        // A `*` or `>` in a published subject is text, and no literal edge carries such text.
        NodeIndex const child = find_edge(step.node, token, edge_hash(step.node, token));
        if (child != kNone) {
            stack.push_back({child, next});
        }
    }
}

std::uint32_t InterestIndex::generation_slot(PublishSubject subject) {
    return static_cast<std::uint32_t>(base::hash_of(first_two_tokens(subject.text())) &
                                      (kGenerations - 1));
}

InterestIndex::EdgeHash InterestIndex::edge_hash(NodeIndex parent, std::string_view token) const {
    return static_cast<EdgeHash>(base::hash_of(token, seed_ + parent));
}

InterestIndex::NodeIndex InterestIndex::find_edge(NodeIndex parent, std::string_view token,
                                                  EdgeHash hash) const {
    std::size_t const mask = edges_.size() - 1;
    for (std::size_t at = hash & mask; edges_[at].child != kNone; at = (at + 1) & mask) {
        if (edges_[at].hash != hash) {
            continue;
        }
        Node const& node = nodes_[edges_[at].child];
        if (node.parent == parent && node.token == token) {
            return edges_[at].child;
        }
    }
    return kNone;
}

InterestIndex::NodeIndex InterestIndex::find_child(NodeIndex parent, std::string_view token) const {
    if (token == "*") {
        return nodes_[parent].star;
    }
    if (token == ">") {
        return nodes_[parent].rest;
    }
    return find_edge(parent, token, edge_hash(parent, token));
}

InterestIndex::NodeIndex InterestIndex::add_child(NodeIndex parent, std::string_view token) {
    if (free_nodes_.empty()) {
        free_nodes_.push_back(static_cast<NodeIndex>(nodes_.size()));
        nodes_.emplace_back();
    }
    NodeIndex const child = free_nodes_.back();
    free_nodes_.pop_back();
    Node& node = nodes_[child];
    node.token = token;
    node.parent = parent;
    ++nodes_[parent].children;
    if (token == "*") {
        nodes_[parent].star = child;
    } else if (token == ">") {
        nodes_[parent].rest = child;
    } else {
        node.edge_hash = edge_hash(parent, token);
        if ((edge_count_ + 1) * 2 > edges_.size()) {
            grow_edges();
        }
        insert_edge({node.edge_hash, child});
        ++edge_count_;
    }
    return child;
}

void InterestIndex::insert_edge(Edge edge) {
    std::size_t const mask = edges_.size() - 1;
    std::size_t at = edge.hash & mask;
    while (edges_[at].child != kNone) {
        at = (at + 1) & mask;
    }
    edges_[at] = edge;
}

void InterestIndex::erase_edge(NodeIndex child) {
    std::size_t const mask = edges_.size() - 1;
    std::size_t hole = nodes_[child].edge_hash & mask;
    while (edges_[hole].child != child) {
        hole = (hole + 1) & mask;
    }
    // Close the hole: move back each follower that a search would otherwise no longer reach.
    for (std::size_t at = (hole + 1) & mask; edges_[at].child != kNone; at = (at + 1) & mask) {
        std::size_t const home = edges_[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            edges_[hole] = edges_[at];
            hole = at;
        }
    }
    edges_[hole] = Edge{};
    --edge_count_;
}

void InterestIndex::grow_edges() {
    std::vector<Edge> const before = std::exchange(edges_, std::vector<Edge>(edges_.size() * 2));
    for (Edge const edge : before) {
        if (edge.child != kNone) {
            insert_edge(edge);
        }
    }
}

InterestIndex::NodeIndex InterestIndex::find_node(Filter filter) const {
    NodeIndex at = 0;
    Tokens tokens(filter.text());
    while (!tokens.done() && at != kNone) {
        at = find_child(at, tokens.next());
    }
    return at;
}

void InterestIndex::prune(NodeIndex node) {
    while (node != 0 && nodes_[node].children == 0 && !nodes_[node].members) {
        NodeIndex const parent = nodes_[node].parent;
        if (nodes_[parent].star == node) {
            nodes_[parent].star = kNone;
        } else if (nodes_[parent].rest == node) {
            nodes_[parent].rest = kNone;
        } else {
            erase_edge(node);
        }
        --nodes_[parent].children;
        nodes_[node] = Node{};
        free_nodes_.push_back(node);
        node = parent;
    }
}

void InterestIndex::give_back_memory() {
    // Only the root is left, and has no edges.
    nodes_ = std::vector<Node>(1);
    free_nodes_ = std::vector<NodeIndex>();
    edges_ = std::vector<Edge>(kFirstEdges);
}

void InterestIndex::collect(NodeIndex node, Interest& interest) const {
    Members const* members = nodes_[node].members.get();
    if (members == nullptr) {
        return;
    }
    interest.plain.insert(interest.plain.end(), members->plain.begin(), members->plain.end());
    for (QueueMembers const& queue : members->queues) {
        auto& group = interest.group(queue.name).members;
        group.insert(group.end(), queue.members.begin(), queue.members.end());
    }
}

void InterestIndex::count_change(Filter filter) {
    Tokens tokens(first_two_tokens(filter.text()));
    while (!tokens.done()) {
        if (is_wildcard(tokens.next())) {
            ++wildcard_generation_;
            return;
        }
    }
    ++generations_[generation_slot(PublishSubject::from_token(filter.text()))];
}

}  // namespace signalbox::subject
