#pragma once

#include "engine/observe/snapshot.h"
#include "engine/observe/subject_tree.h"
#include "engine/observe/tree_query.h"
#include "engine/observe/unheard_filters.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace signalbox::observe {

/// The rows of one subject tree that a query makes visible.
///
/// What does not change with traffic is kept from one time to the next: the order of names, and
/// which nodes the query's filter lets through.
class TreeView {
public:
    void set_query(TreeQuery query);

    TreeSnapshot rows(SubjectTree const& tree, SubjectIds const& ids, std::int64_t now_ms);

private:
    using Nodes = std::vector<NodeId>;

    static constexpr std::uint8_t kItself = 1;  ///< The filter lets this subject through.
    static constexpr std::uint8_t kBelow = 2;   ///< Or one below it.

    /// What is being looked at, and what has come of it.
    struct Look {
        SubjectTree const& tree;
        SubjectIds const& ids;
        std::int64_t now_ms;
        std::vector<TreeRow>& rows;
    };
    /// The first of those that could be shown.
    struct Chosen {
        Nodes nodes;
        std::uint64_t of = 0;
    };
    struct Figures {
        std::uint64_t msgs = 0;
        std::uint64_t bytes = 0;
        double msg_rate = 0;
        double byte_rate = 0;
        std::int64_t last_seen_ms = 0;
    };

    void apply_filter(SubjectTree const& tree);
    bool is_shown(NodeId node) const { return !filtered_ || passes_[node] != 0; }
    bool has_shown_children(SubjectTree const& tree, NodeId node) const;

    void add_children(Look const& look, NodeId parent, std::uint8_t depth);
    void add_flat(Look const& look);
    void add_row(Look const& look, NodeId node, std::uint8_t depth);
    void add_more(Look const& look, NodeId parent, std::uint8_t depth, std::uint64_t count) const;
    void describe(Look const& look, NodeId node, TreeRow& row);

    std::size_t room(Look const& look, NodeId parent) const;
    Chosen choose_children(Look const& look, NodeId parent, std::size_t wanted);
    Chosen choose_flat(Look const& look, std::size_t wanted);
    Chosen first_by_name(Nodes const& sorted, std::uint8_t passes, std::size_t wanted) const;
    Chosen first_by_key(Look const& look, Nodes nodes, std::size_t wanted) const;
    double key_of(Look const& look, NodeId node) const;
    Figures figures_of(Look const& look, NodeId node) const;
    Nodes const& children_by_name(SubjectTree const& tree, NodeId parent);
    Nodes const& subjects_by_name(SubjectTree const& tree);

    TreeQuery query_;
    std::unordered_set<NodeId> expanded_;
    std::unordered_set<NodeId> paged_;

    bool filtered_ = false;
    std::vector<std::uint8_t> passes_;  ///< By node.
    std::size_t seen_subjects_ = 0;     ///< How many of them the filter was applied to.
    std::uint64_t matching_ = 0;

    std::unordered_map<NodeId, Nodes> names_;  ///< Children by name, of parents that were shown.
    Nodes all_names_;                          ///< Every subject by name, once shown flat.
    UnheardFilters unheard_;
};

}  // namespace signalbox::observe
