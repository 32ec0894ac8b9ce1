#include "engine/account/mapping_table.h"

#include <utility>

namespace signalbox::account {

MappingTable::MappingTable(std::vector<config::MappingOptions> const& mappings,
                           std::string_view cluster) {
    for (config::MappingOptions const& each : mappings) {
        std::vector<subject::MappingTarget> targets;
        for (config::MappingDestination const& d : each.destinations) {
            targets.push_back({.subject = d.subject, .weight = d.weight, .cluster = d.cluster});
        }
        auto made = subject::Mapping::create(each.source, targets, cluster);
        if (made.ok()) {
            mappings_.push_back(std::make_unique<subject::Mapping const>(std::move(made).value()));
        }
    }
}

subject::Mapping const* MappingTable::find(subject::PublishSubject subject) const {
    for (auto const& mapping : mappings_) {
        if (mapping->matches(subject)) {
            return mapping.get();
        }
    }
    return nullptr;
}

MappingTable::Found const& MappingTable::look_up(subject::PublishSubject subject,
                                                 world::Entropy& chance) {
    auto const known = found_.find(subject.text());
    if (known != found_.end()) {
        return known->second;
    }
    if (found_.size() >= kMostKept) {
        found_.clear();
    }
    Found found{.mapping = find(subject), .made = {}};
    if (found.mapping != nullptr) {
        for (subject::Mapping::Way const& way : found.mapping->ways()) {
            found.made.push_back(way.transform.is_random()
                                     ? std::string()
                                     : way.transform.apply_matching(subject.text(), chance));
        }
    }
    return found_.emplace(subject.text(), std::move(found)).first->second;
}

Mapped MappingTable::map(subject::PublishSubject subject, world::Entropy& chance) {
    Found const& found = look_up(subject, chance);
    if (found.mapping == nullptr) {
        return {.kind = Mapped::Kind::Unchanged, .subject = subject.text()};
    }
    auto const& ways = found.mapping->ways();
    bool const one = ways.size() == 1 && ways.front().below == 100;
    auto const* const way =
        one ? &ways.front() : found.mapping->way_of(static_cast<int>(chance.below(100)));
    if (way == nullptr) {
        return {.kind = Mapped::Kind::Lost, .subject = {}};
    }
    std::string const& made = found.made[static_cast<std::size_t>(way - ways.data())];
    if (made.empty()) {
        drawn_ = way->transform.apply_matching(subject.text(), chance);
    }
    std::string_view const to = made.empty() ? drawn_ : made;
    auto const kind = to == subject.text() ? Mapped::Kind::Unchanged : Mapped::Kind::Renamed;
    return {.kind = kind, .subject = to};
}

}  // namespace signalbox::account
