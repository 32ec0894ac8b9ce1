#include "engine/config/schema.h"

#include "engine/base/text.h"
#include "engine/config/block_spec.h"

#include <algorithm>

namespace signalbox::config {

namespace {

/// Asking for what a part that is not built would not do anyway is no mistake.
bool asks_for_nothing(Value const& value) {
    if (auto const* yes = value.as<bool>()) {
        return !*yes;
    }
    if (auto const* number = value.as<std::int64_t>()) {
        return *number == 0;
    }
    auto const* text = value.as<std::string>();
    return text != nullptr && base::equal_ignoring_case(*text, "disabled");
}

std::string_view word_of(KeyType type) {
    switch (type) {
        case KeyType::Boolean:
            return "boolean";
        case KeyType::Integer:
            return "integer";
        case KeyType::Duration:
            return "duration";
        case KeyType::Seconds:
            return "seconds or duration";
        case KeyType::String:
            return "text";
        case KeyType::Secret:
            return "secret";
        case KeyType::Address:
            return "port or host:port";
        case KeyType::Strings:
            return "text or array of texts";
        case KeyType::Texts:
            return "map of texts";
        case KeyType::Flags:
            return "map of booleans";
        case KeyType::Block:
            return "block";
        case KeyType::Blocks:
            return "array of blocks";
        case KeyType::NamedBlocks:
            return "map of blocks";
    }
    return "";
}

void unknown_key(Block block, std::string_view name, Value const& value, Target& target) {
    BlockSpec const spec = spec_of(block);
    if (spec.unknown != nullptr) {
        return target.problems.error(value.position(), spec.unknown(name));
    }
    std::optional<std::string_view> const meant = nearest_key(block, name);
    target.problems.error(
        value.position(),
        concat("unknown field ", base::quoted(name),
               meant ? concat(" (did you mean ", base::quoted(*meant), "?)") : ""));
}

}  // namespace

void Problems::error(Position const& at, std::string_view text) {
    errors.push_back(concat(at.text(), ": ", text));
}

void Problems::warning(Position const& at, std::string_view field, std::string_view reason) {
    warnings.push_back(
        concat(at.text(), ": invalid use of field ", base::quoted(field), ": ", reason));
}

bool Key::is_named(std::string_view lower_name) const {
    std::vector<std::string_view> const all = base::split(names, ' ');
    return std::ranges::find(all, lower_name) != all.end();
}

bool Key::has_block() const {
    return type == KeyType::Block || type == KeyType::Blocks || type == KeyType::NamedBlocks;
}

std::string Key::type_text() const {
    return concat(word_of(type), also.empty() ? "" : " or ", also);
}

std::string Key::default_text() const {
    std::string text = by_default == nullptr ? "" : by_default();
    return text == "[]" || text == "map[]" ? "" : text;
}

std::span<Key const> keys_of(Block block) {
    return spec_of(block).keys;
}

Key const* find_key(Block block, std::string_view name) {
    std::string const lower = base::to_lower(name);
    for (Key const& key : keys_of(block)) {
        if (key.is_named(lower)) {
            return &key;
        }
    }
    return nullptr;
}

std::optional<std::string_view> nearest_key(Block block, std::string_view name) {
    constexpr std::size_t kLongest = 64;
    if (name.size() > kLongest) {
        return std::nullopt;
    }
    std::string const lower = base::to_lower(name);
    // One slip in a short name, two in a longer one: more is another word.
    std::size_t best = lower.size() < 6 ? 2 : 3;
    std::optional<std::string_view> nearest;
    for (Key const& key : keys_of(block)) {
        for (std::string_view known : base::split(key.names, ' ')) {
            std::size_t const distance = base::edit_distance(lower, known);
            if (distance < best && distance < known.size()) {
                best = distance;
                nearest = known;
            }
        }
    }
    return nearest;
}

Value const* member(Block block, Value::Map const& map, std::string_view name) {
    Key const* const key = find_key(block, name);
    CHECK(key != nullptr);
    for (auto const& [written, value] : map) {
        if (key->is_named(base::to_lower(written))) {
            return &value;
        }
    }
    return nullptr;
}

void read_members(Block block, Value::Map const& map, Target& target) {
    for (auto const& [name, value] : in_order(map)) {
        Key const* key = find_key(block, name);
        if (key == nullptr) {
            if (!value->used_as_variable()) {
                unknown_key(block, name, *value, target);
            }
        } else if (key->built()) {
            key->read(*key, *value, target);
        } else if (!asks_for_nothing(*value)) {
            target.problems.error(value->position(),
                                  concat("field ", base::quoted(name), " belongs to ", key->part,
                                         ", which is not part of this build yet"));
        }
    }
}

bool read_block(Block block, Value const& value, Target& target) {
    BlockSpec const spec = spec_of(block);
    auto const* map = value.as<Value::Map>();
    if (map == nullptr) {
        target.problems.error(value.position(), spec.not_a_map(value));
        return false;
    }
    std::size_t const before = target.problems.errors.size();
    read_members(block, *map, target);
    // What does not go together is told only of what could be read.
    if (spec.check != nullptr && target.problems.errors.size() == before) {
        spec.check(value, *map, target);
    }
    return true;
}

std::optional<Place> place_at(std::span<std::string_view const> path) {
    Place place{.block = Block::Top};
    for (std::string_view part : path) {
        if (place.in_array) {
            if (part != "[]") {
                return std::nullopt;
            }
            place.in_array = false;
        } else if (!place.block) {
            place.block = place.key->inner;
        } else {
            place.key = find_key(*place.block, part);
            if (place.key == nullptr || !place.key->built() || !place.key->has_block()) {
                return std::nullopt;
            }
            place.in_array = place.key->type == KeyType::Blocks;
            place.block = place.key->type == KeyType::NamedBlocks ? std::nullopt
                                                                  : std::optional(place.key->inner);
        }
    }
    return place;
}

std::optional<Place> place_at(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::string_view part : base::split(path, '.')) {
        bool const array = part.size() > 2 && part.ends_with("[]");
        if (!part.empty()) {
            parts.push_back(array ? part.substr(0, part.size() - 2) : part);
        }
        if (array) {
            parts.emplace_back("[]");
        }
    }
    return place_at(parts);
}

}  // namespace signalbox::config
