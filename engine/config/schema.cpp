#include "engine/config/schema.h"

#include "engine/base/text.h"
#include "engine/config/schema_table.h"

#include <algorithm>

namespace signalbox::config {

namespace {

/// Calls `visit` with each name of a list with blanks between.
template <class Visit>
void for_each_name(std::string_view names, Visit const& visit) {
    for (std::string_view name : base::split(names, ' ')) {
        visit(name);
    }
}

/// Asking for what a part that is not built would not do anyway is no mistake.
bool asks_for_nothing(Value const& value) {
    if (auto const* yes = value.as<bool>()) {
        return !*yes;
    }
    auto const* text = value.as<std::string>();
    return text != nullptr && base::equal_ignoring_case(*text, "disabled");
}

std::string_view type_text(KeyType type) {
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
        case KeyType::Users:
            return "array of users";
        case KeyType::Block:
            return "block";
    }
    return "";
}

std::string default_text(Key const& key) {
    std::string const text = key.print == nullptr ? "" : key.print(Options{});
    return text.empty() || text == "[]" || text == "map[]" ? "" : concat("`", text, "`");
}

void document_block(Block block, std::string& out) {
    out += "| key | type | default | reload | meaning |\n|---|---|---|---|---|\n";
    for (Key const& key : keys_of(block)) {
        if (!key.built()) {
            continue;
        }
        std::string names;
        for_each_name(key.names, [&](std::string_view name) {
            append(names, names.empty() ? "" : ", ", "`", name, "`");
        });
        append(out, "| ", names, " | ", type_text(key.type), " | ", default_text(key), " | ",
               key.reload == ReloadRule::Applied ? "yes" : "no", " | ", key.about, " |\n");
    }
    out += "\n";
}

void document_absent(Block block, std::string_view prefix, std::string& out) {
    for (Key const& key : keys_of(block)) {
        if (!key.built()) {
            append(out, "| `", prefix, key.name(), "` | ", key.part, " |\n");
        }
    }
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
    bool found = false;
    for_each_name(names, [&](std::string_view name) { found = found || name == lower_name; });
    return found;
}

std::span<Key const> keys_of(Block block) {
    switch (block) {
        case Block::Top:
            return top_keys();
        case Block::Authorization:
            return authorization_keys();
        case Block::User:
            return user_keys();
        case Block::Own:
            return own_keys();
    }
    return {};
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
        for_each_name(key.names, [&](std::string_view known) {
            std::size_t const distance = base::edit_distance(lower, known);
            if (distance < best && distance < known.size()) {
                best = distance;
                nearest = known;
            }
        });
    }
    return nearest;
}

void read_block(Block block, Value::Map const& map, Target& target) {
    for (auto const& [name, value] : in_order(map)) {
        Key const* key = find_key(block, name);
        if (key == nullptr) {
            if (!value->used_as_variable()) {
                std::optional<std::string_view> const meant = nearest_key(block, name);
                target.problems.error(
                    value->position(),
                    concat("unknown field ", base::quoted(name),
                           meant ? concat(" (did you mean ", base::quoted(*meant), "?)") : ""));
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

std::string document_keys() {
    std::string out = "## Keys at the top of the file\n\n";
    document_block(Block::Top, out);
    out += "## Keys of `authorization`\n\n";
    document_block(Block::Authorization, out);
    out += "## Keys of each of `authorization.users`\n\n";
    document_block(Block::User, out);
    out += "## Keys of `signalbox`\n\n";
    document_block(Block::Own, out);
    out +=
        "## Known keys that are refused\n\n"
        "They belong to parts that are not built. A file that has one is refused and told which "
        "part it\nis; `false` and `disabled` are accepted, for they ask for nothing.\n\n"
        "| key | part |\n|---|---|\n";
    document_absent(Block::Top, "", out);
    document_absent(Block::Authorization, "authorization.", out);
    document_absent(Block::User, "authorization.users.", out);
    return out;
}

}  // namespace signalbox::config
