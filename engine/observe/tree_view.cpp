#include "engine/observe/tree_view.h"

#include "engine/subject/subject.h"

#include <algorithm>
#include <utility>

namespace signalbox::observe {

namespace {

/// Sorts the `fresh` last of `nodes` and merges them into those before, which are sorted.
template <class Less>
void merge_last(std::vector<NodeId>& nodes, std::size_t fresh, Less less) {
    auto const middle = nodes.end() - static_cast<std::ptrdiff_t>(fresh);
    std::sort(middle, nodes.end(), less);
    std::inplace_merge(nodes.begin(), middle, nodes.end(), less);
}

}  // namespace

void TreeView::set_query(TreeQuery query) {
    expanded_ = {query.expanded.begin(), query.expanded.end()};
    paged_ = {query.paged.begin(), query.paged.end()};
    if (query.filter != query_.filter) {
        passes_.clear();
        seen_subjects_ = 0;
        matching_ = 0;
    }
    filtered_ = !query.filter.empty();
    query_ = std::move(query);
}

TreeSnapshot TreeView::rows(SubjectTree const& tree, SubjectIds const& ids, std::int64_t now_ms) {
    TreeSnapshot snapshot;
    snapshot.server = query_.server;
    apply_filter(tree);
    unheard_.begin();
    Look const look{tree, ids, now_ms, snapshot.rows};
    if (query_.flat) {
        add_flat(look);
    } else {
        add_children(look, SubjectTree::kRoot, 0);
    }
    snapshot.matching = matching_;
    return snapshot;
}

/// Looks at the subjects that came since the last time.
void TreeView::apply_filter(SubjectTree const& tree) {
    passes_.resize(tree.size());
    Result<subject::Filter> const filter =
        subject::Filter::parse(filtered_ ? std::string_view(query_.filter) : ">");
    for (; seen_subjects_ < tree.subjects().size(); ++seen_subjects_) {
        NodeId node = tree.subjects()[seen_subjects_];
        auto const subject = subject::PublishSubject::from_token(tree.node(node).subject());
        // While a person still types it, a filter may be none, and nothing matches that.
        if (filtered_ && !(filter.ok() && filter.value().matches(subject))) {
            continue;
        }
        matching_ += tree.node(node).has_wildcard ? 0 : 1;
        passes_[node] |= kItself;
        while (node != SubjectTree::kRoot) {
            node = tree.parent(node);
            if ((passes_[node] & kBelow) != 0) {
                break;
            }
            passes_[node] |= kBelow;
        }
    }
}

bool TreeView::has_shown_children(SubjectTree const& tree, NodeId node) const {
    return filtered_ ? (passes_[node] & kBelow) != 0 : tree.node(node).children != 0;
}

/// Recursion goes one level of the tree down, which is `SubjectTree::kMaxDepth` deep at most.
// NOLINTNEXTLINE(misc-no-recursion)
void TreeView::add_children(Look const& look, NodeId parent, std::uint8_t depth) {
    Chosen const chosen = choose_children(look, parent, room(look, parent));
    std::uint64_t added = 0;
    for (NodeId const node : chosen.nodes) {
        if (look.rows.size() >= query_.row_limit) {
            break;
        }
        add_row(look, node, depth);
        ++added;
        if (look.rows.back().expanded) {
            add_children(look, node, static_cast<std::uint8_t>(depth + 1));
        }
    }
    add_more(look, parent, depth, chosen.of - added);
}

void TreeView::add_flat(Look const& look) {
    Chosen const chosen = choose_flat(look, room(look, SubjectTree::kRoot));
    for (NodeId const node : chosen.nodes) {
        add_row(look, node, 0);
    }
    add_more(look, SubjectTree::kRoot, 0, chosen.of - chosen.nodes.size());
}

void TreeView::add_row(Look const& look, NodeId node, std::uint8_t depth) {
    SubjectTree::Node const& at = look.tree.node(node);
    TreeRow& row = look.rows.emplace_back();
    row.node = node;
    row.depth = depth;
    row.subject = at.subject();
    row.token = query_.flat ? at.subject() : at.last_token();
    row.has_children = !query_.flat && has_shown_children(look.tree, node);
    // What a filter finds is no use to a person under a closed parent.
    row.expanded = row.has_children && (filtered_ || expanded_.contains(node));
    row.is_filter = at.has_wildcard;
    row.matches = filtered_ && (passes_[node] & kItself) != 0;
    Figures const figures = figures_of(look, node);
    row.msgs = figures.msgs;
    row.bytes = figures.bytes;
    row.msgs_per_second = figures.msg_rate;
    row.bytes_per_second = figures.byte_rate;
    row.last_seen_ms = figures.last_seen_ms;
    describe(look, node, row);
}

void TreeView::add_more(Look const& look, NodeId parent, std::uint8_t depth,
                        std::uint64_t count) const {
    if (count == 0) {
        return;
    }
    TreeRow& row = look.rows.emplace_back();
    row.kind = TreeRow::Kind::More;
    row.node = parent;
    row.depth = depth;
    row.subject = look.tree.node(parent).subject();
    row.more = count;
}

/// What is of the very subject, and not of those below it.
void TreeView::describe(Look const& look, NodeId node, TreeRow& row) {
    std::uint64_t own_msgs = 0;
    std::uint64_t newest = 0;
    look.tree.for_each_id(node, [&](SubjectId id) {
        SubjectEntry const& entry = look.ids.entry(id);
        own_msgs += entry.msgs.get();
        row.subscribers += entry.subscribers();
        row.receivers += entry.receivers();
        row.publishers += look.ids.publishers(id, look.now_ms);
        if (entry.last_seen.get() >= newest) {
            newest = entry.last_seen.get();
            row.last_size = entry.last_size();
        }
    });
    row.publishers = std::min(row.publishers, TreeRow::kPublisherCap);
    row.no_interest = own_msgs != 0 && row.receivers == 0;
    row.no_traffic =
        row.subscribers != 0 && own_msgs == 0 && unheard_.is_unheard(look.tree, look.ids, node);
}

/// How many children of `parent` may be shown.
std::size_t TreeView::room(Look const& look, NodeId parent) const {
    std::size_t const left =
        query_.row_limit - std::min<std::size_t>(query_.row_limit, look.rows.size());
    return paged_.contains(parent) ? left : std::min<std::size_t>(left, query_.page);
}

TreeView::Chosen TreeView::choose_children(Look const& look, NodeId parent, std::size_t wanted) {
    if (query_.sort == TreeSort::Name) {
        return first_by_name(children_by_name(look.tree, parent), kItself | kBelow, wanted);
    }
    Nodes nodes;
    nodes.reserve(look.tree.node(parent).children);
    for (NodeId child = look.tree.node(parent).first_child; child != SubjectTree::kNone;
         child = look.tree.node(child).next_sibling) {
        if (is_shown(child)) {
            nodes.push_back(child);
        }
    }
    return first_by_key(look, std::move(nodes), wanted);
}

TreeView::Chosen TreeView::choose_flat(Look const& look, std::size_t wanted) {
    if (query_.sort == TreeSort::Name) {
        return first_by_name(subjects_by_name(look.tree), kItself, wanted);
    }
    Nodes nodes;
    nodes.reserve(look.tree.subjects().size());
    std::ranges::copy_if(look.tree.subjects(), std::back_inserter(nodes),
                         [&](NodeId node) { return !filtered_ || (passes_[node] & kItself) != 0; });
    return first_by_key(look, std::move(nodes), wanted);
}

TreeView::Chosen TreeView::first_by_name(Nodes const& sorted, std::uint8_t passes,
                                         std::size_t wanted) const {
    Chosen chosen;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        NodeId const node = sorted[query_.descending ? sorted.size() - 1 - i : i];
        if (filtered_ && (passes_[node] & passes) == 0) {
            continue;
        }
        ++chosen.of;
        if (chosen.nodes.size() < wanted) {
            chosen.nodes.push_back(node);
        } else if (!filtered_) {
            chosen.of = sorted.size();
            break;
        }
    }
    return chosen;
}

TreeView::Chosen TreeView::first_by_key(Look const& look, Nodes nodes, std::size_t wanted) const {
    struct Keyed {
        double key;
        NodeId node;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(nodes.size());
    for (NodeId const node : nodes) {
        double const key = key_of(look, node);
        keyed.push_back({query_.descending ? -key : key, node});
    }
    auto const end = keyed.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, keyed.size()));
    std::partial_sort(keyed.begin(), end, keyed.end(), [](Keyed const& a, Keyed const& b) {
        return a.key != b.key ? a.key < b.key : a.node < b.node;
    });
    Chosen chosen{.of = nodes.size()};
    nodes.clear();
    std::transform(keyed.begin(), end, std::back_inserter(nodes),
                   [](Keyed const& one) { return one.node; });
    chosen.nodes = std::move(nodes);
    return chosen;
}

double TreeView::key_of(Look const& look, NodeId node) const {
    switch (query_.sort) {
        case TreeSort::Name:
            return 0;
        case TreeSort::MsgRate:
            return figures_of(look, node).msg_rate;
        case TreeSort::ByteRate:
            return figures_of(look, node).byte_rate;
        case TreeSort::TotalMsgs:
            return static_cast<double>(figures_of(look, node).msgs);
        case TreeSort::TotalBytes:
            return static_cast<double>(figures_of(look, node).bytes);
        case TreeSort::LastSeen:
            return static_cast<double>(figures_of(look, node).last_seen_ms);
        case TreeSort::Subscribers: {
            std::uint64_t subscribers = 0;
            look.tree.for_each_id(
                node, [&](SubjectId id) { subscribers += look.ids.entry(id).subscribers(); });
            return static_cast<double>(subscribers);
        }
    }
    return 0;
}

/// In the tree those of the node with all below it; in a flat list, where what is below has rows
/// of its own, those of the subject alone.
TreeView::Figures TreeView::figures_of(Look const& look, NodeId node) const {
    SubjectTree const& tree = look.tree;
    Figures figures{tree.msgs(node), tree.bytes(node), tree.msg_rate(node), tree.byte_rate(node),
                    tree.last_seen_ms(look.ids, node)};
    if (!query_.flat || tree.node(node).children == 0) {
        return figures;
    }
    for (NodeId child = tree.node(node).first_child; child != SubjectTree::kNone;
         child = tree.node(child).next_sibling) {
        figures.msgs -= tree.msgs(child);
        figures.bytes -= tree.bytes(child);
        figures.msg_rate -= tree.msg_rate(child);
        figures.byte_rate -= tree.byte_rate(child);
    }
    figures.msg_rate = std::max(figures.msg_rate, 0.0);
    figures.byte_rate = std::max(figures.byte_rate, 0.0);
    figures.last_seen_ms = 0;
    tree.for_each_id(node, [&](SubjectId id) {
        figures.last_seen_ms = std::max(
            figures.last_seen_ms, static_cast<std::int64_t>(look.ids.entry(id).last_seen.get()));
    });
    return figures;
}

TreeView::Nodes const& TreeView::children_by_name(SubjectTree const& tree, NodeId parent) {
    Nodes& nodes = names_[parent];
    // The newest child comes first in its parent's list.
    std::size_t const fresh = tree.node(parent).children - nodes.size();
    NodeId child = tree.node(parent).first_child;
    for (std::size_t i = 0; i < fresh; ++i) {
        nodes.push_back(child);
        child = tree.node(child).next_sibling;
    }
    if (fresh != 0) {
        merge_last(nodes, fresh, [&](NodeId a, NodeId b) {
            return tree.node(a).last_token() < tree.node(b).last_token();
        });
    }
    return nodes;
}

TreeView::Nodes const& TreeView::subjects_by_name(SubjectTree const& tree) {
    Nodes const& subjects = tree.subjects();
    std::size_t const fresh = subjects.size() - all_names_.size();
    all_names_.insert(all_names_.end(), subjects.end() - static_cast<std::ptrdiff_t>(fresh),
                      subjects.end());
    if (fresh != 0) {
        merge_last(all_names_, fresh, [&](NodeId a, NodeId b) {
            return tree.node(a).subject() < tree.node(b).subject();
        });
    }
    return all_names_;
}

}  // namespace signalbox::observe
