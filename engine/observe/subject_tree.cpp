#include "engine/observe/subject_tree.h"

#include "engine/base/hash.h"
#include "engine/observe/rate_meter.h"

#include <algorithm>

namespace signalbox::observe {

namespace {

constexpr std::size_t kFirstTable = 1024;

bool is_wildcard(std::string_view token) {
    return token == "*" || token == ">";
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
    if (nodes_.size() * 2 > table_.size()) {
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
    msgs_.swap(old_msgs_);
    bytes_.swap(old_bytes_);
    msgs_.assign(nodes_.size(), 0);
    bytes_.assign(nodes_.size(), 0);
    old_msgs_.resize(nodes_.size());
    old_bytes_.resize(nodes_.size());
    last_seen_.resize(nodes_.size());
    paces_.resize(nodes_.size());
    std::uint64_t published = 0;
    for (std::size_t id = 1; id < node_of_.size(); ++id) {
        SubjectEntry const& entry = ids.entry(static_cast<SubjectId>(id));
        NodeId const node = node_of_[id];
        std::uint64_t const msgs = entry.msgs.get();
        published += msgs != 0 ? 1 : 0;
        msgs_[node] += msgs;
        bytes_[node] += entry.bytes.get();
        last_seen_[node] =
            std::max(last_seen_[node], static_cast<std::int64_t>(entry.last_seen.get()));
    }
    published_subjects_ = published;
}

/// Adds each node to its parent and turns what came since the last time into rates.
void SubjectTree::sum_up(double seconds) {
    bool const paused = seconds <= 0 || seconds > Smoothing::kPause;
    auto const weight = static_cast<float>(paused ? 0 : Smoothing::weight_of(seconds));
    auto const per_second = static_cast<float>(paused ? 0 : 1 / seconds);
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        if (i != kRoot) {
            NodeId const parent = parents_[i];
            msgs_[parent] += msgs_[i];
            bytes_[parent] += bytes_[i];
            last_seen_[parent] = std::max(last_seen_[parent], last_seen_[i]);
        }
        Pace& pace = paces_[i];
        std::uint64_t const msgs = msgs_[i] - old_msgs_[i];
        if (msgs == 0 && pace.msgs == 0) {
            continue;
        }
        pace.quiet = msgs == 0 ? pace.quiet + static_cast<float>(seconds) : 0;
        if (paused || pace.quiet >= static_cast<float>(Smoothing::kQuiet)) {
            pace = {};
            continue;
        }
        std::uint64_t const bytes = bytes_[i] - old_bytes_[i];
        pace.msgs += weight * (static_cast<float>(msgs) * per_second - pace.msgs);
        pace.bytes += weight * (static_cast<float>(bytes) * per_second - pace.bytes);
    }
}

}  // namespace signalbox::observe
