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
}

void SubjectTree::update(SubjectIds const& ids, double seconds) {
    std::size_t const count = ids.count();
    if (node_of_.empty()) {
        node_of_.push_back(kNone);
    }
    for (std::size_t id = node_of_.size(); id < count; ++id) {
        add(ids, static_cast<SubjectId>(id));
    }
    gather(ids);
    sum_up(started_ ? seconds : 0);
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

/// Puts the counters of each subject into its node.
void SubjectTree::gather(SubjectIds const& ids) {
    sums_.resize(nodes_.size());
    last_seen_.resize(nodes_.size());
    paces_.resize(nodes_.size());
    // By pointers, for this walks over everything twenty times a second.
    Sums* const sums = sums_.data();
    std::int64_t* const last_seen = last_seen_.data();
    NodeId const* const node_of = node_of_.data();
    std::uint64_t published = 0;
    ids.for_each(1, static_cast<SubjectId>(node_of_.size()),
                 [=, &published](SubjectId id, SubjectEntry const& entry) {
                     NodeId const node = node_of[id];
                     std::uint64_t const msgs = entry.msgs.get();
                     published += msgs != 0 ? 1 : 0;
                     sums[node].new_msgs += msgs;
                     sums[node].new_bytes += entry.bytes.get();
                     auto const seen = static_cast<std::int64_t>(entry.last_seen.get());
                     last_seen[node] = std::max(last_seen[node], seen);
                 });
    published_subjects_ = published;
}

/// Adds each node to its parent and turns what came since the last time into rates.
void SubjectTree::sum_up(double seconds) {
    bool const paused = seconds <= 0 || seconds > Smoothing::kPause;
    auto const weight = static_cast<float>(paused ? 0 : Smoothing::weight_of(seconds));
    auto const per_second = static_cast<float>(paused ? 0 : 1 / seconds);
    auto const elapsed = static_cast<float>(seconds);
    Sums* const sums = sums_.data();
    std::int64_t* const last_seen = last_seen_.data();
    NodeId const* const parents = parents_.data();
    Pace* const paces = paces_.data();
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        std::uint64_t const new_msgs = std::exchange(sums[i].new_msgs, 0);
        std::uint64_t const new_bytes = std::exchange(sums[i].new_bytes, 0);
        float const msgs = grown(std::exchange(sums[i].msgs, new_msgs), new_msgs);
        float const bytes = grown(std::exchange(sums[i].bytes, new_bytes), new_bytes);
        if (i != kRoot) {
            Sums& parent = sums[parents[i]];
            parent.new_msgs += new_msgs;
            parent.new_bytes += new_bytes;
            std::int64_t& seen = last_seen[parents[i]];
            seen = std::max(seen, last_seen[i]);
        }
        Pace& pace = paces[i];
        if (msgs == 0 && pace.msgs == 0) {
            continue;
        }
        pace.quiet = msgs == 0 ? pace.quiet + elapsed : 0;
        if (paused || pace.quiet >= static_cast<float>(Smoothing::kQuiet)) {
            pace = {};
            continue;
        }
        pace.msgs += weight * (msgs * per_second - pace.msgs);
        pace.bytes += weight * (bytes * per_second - pace.bytes);
    }
}

}  // namespace signalbox::observe
