#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/keys/schema_rows.h"
#include "engine/subject/mapping.h"
#include "engine/subject/subject.h"

#include <algorithm>

namespace signalbox::config {

namespace {

constexpr std::string_view kGlobal = "$G";

AccountOptions const* global_account(Options const& options) {
    auto const found = std::ranges::find(options.accounts, kGlobal, &AccountOptions::name);
    return found == options.accounts.end() ? nullptr : &*found;
}

std::vector<MappingOptions> global_mappings(Options const& options) {
    AccountOptions const* const account = global_account(options);
    return account == nullptr ? std::vector<MappingOptions>() : account->mappings;
}

/// `0` to `100`, a text as `50%`; nothing and a problem when it is neither.
std::optional<int> percent_of(std::string_view text) {
    if (text.ends_with('%')) {
        text.remove_suffix(1);
    }
    std::optional<std::int64_t> const number = base::parse_int(text);
    return number && *number >= 0 && *number <= 100 ? std::optional(static_cast<int>(*number))
                                                    : std::nullopt;
}

void read_weight(Key const&, Value const& value, Target& target) {
    std::optional<int> weight;
    std::string written = shown(value);
    if (auto const* integer = value.as<std::int64_t>()) {
        weight = percent_of(std::to_string(*integer));
    } else if (auto const* text = value.as<std::string>()) {
        weight = percent_of(*text);
        written = base::quoted(*text);
    } else {
        return target.problems.error(value.position(),
                                     concat("Unknown entry type for weight of ", shown(value)));
    }
    if (!weight) {
        return target.problems.error(
            value.position(), concat("Invalid weight ", written, " for mapping destination"));
    }
    target.as<MappingDestination>().weight = *weight;
}

void check_destination(Value const& value, Value::Map const& map, Target& target) {
    if (member(Block::Destination, map, "weight") == nullptr) {
        target.problems.error(value.position(),
                              concat("Missing weight for mapping destination ",
                                     base::quoted(target.as<MappingDestination>().subject)));
    }
}

bool read_destination(Value const& value, MappingOptions& mapping, Target& target) {
    if (value.as<Value::Map>() == nullptr) {
        target.problems.error(value.position(), "Expected an entry for the mapping destination");
        return false;
    }
    MappingDestination destination;
    Target inner = target.of(&destination);
    read_block(Block::Destination, value, inner);
    mapping.destinations.push_back(std::move(destination));
    return true;
}

/// `as_text`: the destination is not in a map with its weight.
void check_mapping(MappingOptions const& mapping, bool as_text, Position const& at,
                   Problems& problems) {
    std::vector<subject::MappingTarget> targets;
    for (MappingDestination const& d : mapping.destinations) {
        targets.push_back({.subject = d.subject, .weight = d.weight, .cluster = d.cluster});
    }
    auto const made = subject::Mapping::create(mapping.source, targets, {});
    if (!made.ok()) {
        std::string const to = as_text ? concat(" to ", base::quoted(targets.front().subject)) : "";
        problems.error(at, concat("Error adding mapping for ", base::quoted(mapping.source), to,
                                  " : ", made.error().detail()));
    }
}

std::vector<MappingOptions> mappings_of(Value const& value, Target& target) {
    std::vector<MappingOptions> mappings;
    Value::Map const* map = map_of(value, target.problems);
    if (map == nullptr) {
        return mappings;
    }
    for (auto const& [source, entry] : in_order(*map)) {
        if (!subject::Filter::parse(source).ok()) {
            target.problems.error(value.position(), concat("Subject ", base::quoted(source),
                                                           " is not a valid subject"));
            continue;
        }
        MappingOptions mapping{.source = std::string(source), .destinations = {}};
        if (auto const* text = entry->as<std::string>()) {
            mapping.destinations.push_back({.subject = *text});
        } else if (auto const* array = entry->as<Value::Array>()) {
            for (Value const& element : *array) {
                read_destination(element, mapping, target);
            }
        } else {
            read_destination(*entry, mapping, target);
        }
        check_mapping(mapping, entry->as<std::string>() != nullptr, entry->position(),
                      target.problems);
        mappings.push_back(std::move(mapping));
    }
    return mappings;
}

constexpr Key kDestination[] = {
    nested<&MappingDestination::subject>("destination dest",
                                         "The subject, which may use parts of the other."),
    row("weight", KeyType::Integer, "Percent of the messages, 0 to 100; must be given.",
        read_weight),
    nested<&MappingDestination::cluster>("cluster", "Only on servers of this cluster."),
};

}  // namespace

void read_mappings(Key const&, Value const& value, Target& target) {
    target.as<AccountOptions>().mappings = mappings_of(value, target);
}

void read_top_mappings(Key const&, Value const& value, Target& target) {
    std::vector<AccountOptions>& accounts = target.options.accounts;
    auto found = std::ranges::find(accounts, kGlobal, &AccountOptions::name);
    if (found == accounts.end()) {
        found = accounts.insert(found, AccountOptions{.name = std::string(kGlobal)});
    }
    found->mappings = mappings_of(value, target);
}

std::string print_mappings(Options const& options) {
    std::vector<std::string> sources;
    for (MappingOptions const& mapping : global_mappings(options)) {
        sources.push_back(mapping.source);
    }
    return text_of(sources);
}

bool same_mappings(Options const& a, Options const& b) {
    return global_mappings(a) == global_mappings(b);
}

BlockSpec destination_spec() {
    return {.path = "mappings.<subject>",
            .about =
                "Where messages on the subject go instead, of `mappings` at the top and of "
                "each account. What is left of 100 percent stays as it is.",
            .example =
                "mappings {\n"
                "  \"old.*\": \"new.$1\"\n"
                "  \"orders\": [ { destination: \"orders.v1\", weight: 90% }\n"
                "              { destination: \"orders.v2\", weight: 10% } ]\n"
                "}",
            .keys = kDestination,
            .not_a_map = plain_not_a_map,
            .unknown =
                [](std::string_view name) {
                    return concat("Unknown field ", base::quoted(name), " for mapping destination");
                },
            .check = check_destination};
}

}  // namespace signalbox::config
