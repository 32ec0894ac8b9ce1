#include "engine/observe/unheard_filters.h"

#include <algorithm>

namespace signalbox::observe {

namespace {

bool is_published_below(SubjectTree const& tree, NodeId node) {
    std::uint64_t sum = 0;
    for (NodeId child = tree.node(node).first_child; child != SubjectTree::kNone && sum == 0;
         child = tree.node(child).next_sibling) {
        sum += tree.msgs(child);
    }
    return sum != 0;
}

bool is_published_itself(SubjectTree const& tree, SubjectIds const& ids, NodeId node) {
    bool published = false;
    tree.for_each_id(node,
                     [&](SubjectId id) { published = published || ids.entry(id).msgs.get() != 0; });
    return published;
}

}  // namespace

bool UnheardFilters::is_unheard(SubjectTree const& tree, SubjectIds const& ids, NodeId filter) {
    std::string_view const text = tree.node(filter).subject();
    // Its last node holds several tokens, which are not told apart.
    if (std::ranges::count(text, '.') + 1 >= SubjectTree::kMaxDepth) {
        return false;
    }
    auto const [found, is_new] = answers_.try_emplace(filter);
    Answer& answer = found->second;
    if (is_new || (answer.unheard && answer.published != tree.published_subjects())) {
        answer.published = tree.published_subjects();
        answer.unheard = !is_published({tree, ids}, SubjectTree::kRoot, text);
    }
    return answer.unheard;
}

/// Recursion goes one level down for each token, and the tree is `kMaxDepth` deep at most.
// NOLINTNEXTLINE(misc-no-recursion)
bool UnheardFilters::is_published(Where where, NodeId node, std::string_view rest) {
    auto const& [tree, ids] = where;
    if (steps_left_ == 0) {
        return true;
    }
    --steps_left_;
    if (tree.msgs(node) == 0) {
        return false;
    }
    if (rest.empty()) {
        return is_published_itself(tree, ids, node);
    }
    if (rest == ">") {
        return is_published_below(tree, node);
    }
    std::size_t const dot = rest.find('.');
    std::string_view const token = rest.substr(0, dot);
    std::string_view const after =
        dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    if (token != "*") {
        NodeId const child = tree.find_child(node, token);
        return child != SubjectTree::kNone && is_published(where, child, after);
    }
    for (NodeId child = tree.node(node).first_child; child != SubjectTree::kNone;
         child = tree.node(child).next_sibling) {
        if (is_published(where, child, after)) {
            return true;
        }
    }
    return false;
}

}  // namespace signalbox::observe
