#pragma once

#include "engine/config/options.h"
#include "engine/config/value.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

/// Where keys stand: at the top of the file, or in one of its blocks.
enum class Block {
    Top,
    Authorization,
    User,
    Own
};

enum class KeyType {
    Boolean,
    Integer,
    Duration,  ///< A text as `2m` or `250ms`.
    Seconds,   ///< A number of seconds, or a text as `2m`.
    String,
    Secret,
    Address,  ///< A port, or a text `host:port`.
    Strings,  ///< A text, or an array of them.
    Texts,    ///< A map from text to text.
    Users,
    Block,
};

/// Whether a running server takes a change of the key.
enum class ReloadRule {
    Applied,
    Refused
};

/// What is wrong in a file: each line names the place.
struct Problems {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;

    void error(Position const& at, std::string_view text);
    /// `field` is used, but not as it should be.
    void warning(Position const& at, std::string_view field, std::string_view reason);
};

struct Key;

/// What a key is read into.
struct Target {
    Options& options;
    User* user = nullptr;  ///< In a block of `users`.
    Problems& problems;
};

/// All that is known of one key: this table drives reading, reload, documentation and the editor.
struct Key {
    using Read = void (*)(Key const&, Value const&, Target&);
    using Print = std::string (*)(Options const&);
    using Same = bool (*)(Options const&, Options const&);

    std::string_view names;  ///< The name, then its aliases, with blanks between.
    KeyType type = KeyType::String;
    ReloadRule reload = ReloadRule::Applied;
    std::string_view field;  ///< The option's name in messages about reload.
    std::string_view about;  ///< A sentence for the documentation.
    std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    bool zero_is_default = false;
    std::string_view part;  ///< What it belongs to, of keys whose part is not built.

    Read read = nullptr;    ///< None for keys of parts that are not built.
    Print print = nullptr;  ///< The value as text; secrets as `[REDACTED]`. None for blocks.
    Same same = nullptr;

    bool built() const { return part.empty(); }
    std::string_view name() const { return names.substr(0, names.find(' ')); }
    /// Names are compared in lower case.
    bool is_named(std::string_view lower_name) const;
};

/// The keys of a block in the order of the documentation.
std::span<Key const> keys_of(Block block);

/// The key of that name or alias, in any case; null when there is none.
Key const* find_key(Block block, std::string_view name);

/// The known name that is most like `name`, when one is like enough to have been meant.
std::optional<std::string_view> nearest_key(Block block, std::string_view name);

/// Reads the members of a map by the block's keys and tells unknown ones.
void read_block(Block block, Value::Map const& map, Target& target);

/// The documentation of every key, as Markdown.
std::string document_keys();

}  // namespace signalbox::config
