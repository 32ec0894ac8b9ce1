#include "engine/observe/subject_tree.h"

#include "engine/base/hash.h"
#include "engine/observe/rate_meter.h"

#include <algorithm>
#include <utility>

namespace signalbox::observe {

namespace {

constexpr std::size_t kFirstTable = 1024;

bool is_wildcard(std::string_view token) {
    return token == "*" || token == ">";
}

/// Through a signed number, which the processor converts in one instruction.
float grown(std::uint64_t from, std::uint64_t to) {
    return static_cast<float>(static_cast<std::int64_t>(to - from));
}

}  // namespace

SubjectTree::SubjectTree() : table_(kFirstTable, kNone) {
    nodes_.emplace_back();
    parents_.push_back(kNone);
    branch_of_.push_back(kLeaf);
    make_branch(kRoot);
}

void SubjectTree::update(SubjectIds const& ids, double seconds) {
    std::size_t const count = ids.count();
    if (node_of_.empty()) {
        node_of_.push_back(kNone);
    }
    for (std::size_t id = node_of_.size(); id < count; ++id) {
        add(ids, static_cast<SubjectId>(id));
    }
    sums_.resize(nodes_.size());
    paces_.resize(nodes_.size());
    Step const step = step_of(started_ ? seconds : 0);
    gather(ids, step);
    sum_up(step);
    started_ = true;
}

NodeId SubjectTree::find_child(NodeId parent, std::string_view token) const {
    return table_[place_of(parent, token)];
}

void SubjectTree::add(SubjectIds const& ids, SubjectId id) {
    std::string_view const subject = ids.entry(id).subject();
    NodeId node = kRoot;
    std::size_t token = 0;
    for (std::uint8_t depth = 1;; ++depth) {
        std::size_t const dot =
            depth < kMaxDepth ? subject.find('.', token) : std::string_view::npos;
        node = child_for(node, subject.substr(0, dot), static_cast<std::uint32_t>(token));
        if (dot == std::string_view::npos) {
            break;
        }
        token = dot + 1;
    }
    node_of_.push_back(node);
    if (nodes_[node].id == kFolded) {
        nodes_[node].id = id;
        subjects_.push_back(node);
    } else {
        more_ids_.emplace(node, id);
        make_branch(node);
    }
}

NodeId SubjectTree::child_for(NodeId parent, std::string_view subject, std::uint32_t token) {
    std::string_view const last = subject.substr(token);
    std::size_t const place = place_of(parent, last);
    if (table_[place] != kNone) {
        return table_[place];
    }
    auto const node = static_cast<NodeId>(nodes_.size());
    table_[place] = node;
    nodes_.push_back({.text = subject.data(),
                      .size = static_cast<std::uint32_t>(subject.size()),
                      .token = token,
                      .next_sibling = nodes_[parent].first_child,
                      .has_wildcard = nodes_[parent].has_wildcard || is_wildcard(last)});
    parents_.push_back(parent);
    branch_of_.push_back(kLeaf);
    make_branch(parent);
    nodes_[parent].first_child = node;
    ++nodes_[parent].children;
    if (nodes_.size() * 4 > table_.size() * 3) {
        grow_table();
    }
    return node;
}

std::size_t SubjectTree::place_of(NodeId parent, std::string_view token) const {
    std::size_t const mask = table_.size() - 1;
    std::size_t place = base::hash_of(token, parent) & mask;
    while (table_[place] != kNone &&
           (parents_[table_[place]] != parent || nodes_[table_[place]].last_token() != token)) {
        place = (place + 1) & mask;
    }
    return place;
}

void SubjectTree::grow_table() {
    table_.assign(table_.size() * 2, kNone);
    std::size_t const mask = table_.size() - 1;
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
        std::size_t place = base::hash_of(nodes_[i].last_token(), parents_[i]) & mask;
        while (table_[place] != kNone) {
            place = (place + 1) & mask;
        }
        table_[place] = static_cast<NodeId>(i);
    }
}

void SubjectTree::make_branch(NodeId node) {
    if (branch_of_[node] == kLeaf) {
        branch_of_[node] = static_cast<std::uint32_t>(branches_.size());
        branches_.emplace_back();
    }
}

/// Brings the leaves up to date and adds the counters of each subject to the branch it belongs to:
/// its own node, or its parent.
void SubjectTree::gather(SubjectIds const& ids, Step const& step) {
    // By pointers and in one pass, for this walks over everything twenty times a second.
    NodeId const* const node_of = node_of_.data();
    NodeId const* const parents = parents_.data();
    std::uint32_t const* const branch_of = branch_of_.data();
    Branch* const branches = branches_.data();
    Sums* const sums = sums_.data();
    Pace* const paces = paces_.data();
    std::uint64_t published = 0;
    ids.for_each(1, static_cast<SubjectId>(node_of_.size()),
                 [=, &published, &step](SubjectId id, SubjectEntry const& entry) {
                     NodeId const node = node_of[id];
                     Sums const now{entry.msgs.get(), entry.bytes.get()};
                     auto const seen = static_cast<std::int64_t>(entry.last_seen.get());
                     published += now.msgs != 0 ? 1 : 0;
                     std::uint32_t branch = branch_of[node];
                     if (branch == kLeaf) {
                         follow(paces[node], sums[node], now, step);
                         sums[node] = now;
                         branch = branch_of[parents[node]];
                     }
                     Branch& to = branches[branch];
                     to.gathered.msgs += now.msgs;
                     to.gathered.bytes += now.bytes;
                     to.last_seen_ms = std::max(to.last_seen_ms, seen);
                 });
    published_subjects_ = published;
}

/// Brings the branches up to date, children before their parents.
void SubjectTree::sum_up(Step const& step) {
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        if (branch_of_[i] == kLeaf) {
            continue;
        }
        Branch& branch = branches_[branch_of_[i]];
        Sums const now = std::exchange(branch.gathered, {});
        follow(paces_[i], sums_[i], now, step);
        sums_[i] = now;
        if (i != kRoot) {
            Branch& parent = branches_[branch_of_[parents_[i]]];
            parent.gathered.msgs += now.msgs;
            parent.gathered.bytes += now.bytes;
            parent.last_seen_ms = std::max(parent.last_seen_ms, branch.last_seen_ms);
        }
    }
}

SubjectTree::Step SubjectTree::step_of(double seconds) {
    if (seconds <= 0 || seconds > Smoothing::kPause) {
        return {};
    }
    return {.paused = false,
            .seconds = static_cast<float>(seconds),
            .per_second = static_cast<float>(1 / seconds),
            .weight = static_cast<float>(Smoothing::weight_of(seconds))};
}

void SubjectTree::follow(Pace& pace, Sums from, Sums to, Step const& step) {
    float const msgs = grown(from.msgs, to.msgs);
    if (msgs == 0 && pace.msgs == 0) {
        return;
    }
    pace.quiet = msgs == 0 ? pace.quiet + step.seconds : 0;
    if (step.paused || pace.quiet >= static_cast<float>(Smoothing::kQuiet)) {
        pace = {};
        return;
    }
    pace.msgs += step.weight * (msgs * step.per_second - pace.msgs);
    pace.bytes += step.weight * (grown(from.bytes, to.bytes) * step.per_second - pace.bytes);
}

}  // namespace signalbox::observe
