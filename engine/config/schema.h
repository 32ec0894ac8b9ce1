#pragma once

#include "engine/base/check.h"
#include "engine/config/file_reader.h"
#include "engine/config/options.h"
#include "engine/config/value.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::config {

/// Where keys stand: at the top of the file, or in one of its blocks.
enum class Block {
    Top,
    Authorization,
    AuthCallout,
    User,
    Permissions,
    SubjectRules,
    ResponseRules,
    Account,
    AccountLimits,
    Export,
    Latency,
    Import,
    ImportSource,
    Destination,  ///< Of a mapping.
    Trace,
    Tls,
    TlsCertificate,
    OcspPeer,
    Ocsp,
    Resolver,
    Proxies,
    TrustedProxy,
    JetStream,
    JetStreamLimits,
    JetStreamBatch,
    AccountJetStream,
    Cluster,
    ClusterPermissions,
    PeerLogin,
    Compression,
    LeafNodes,
    LeafAuthorization,
    LeafUser,
    LeafRemote,
    Gateway,
    RemoteGateway,
    Own,
};
inline constexpr std::size_t kBlockCount = static_cast<std::size_t>(Block::Own) + 1;

enum class KeyType {
    Boolean,
    Integer,
    Duration,  ///< A text as `2m` or `250ms`.
    Seconds,   ///< A number of seconds, or a text as `2m`.
    String,
    Secret,
    Address,      ///< A port, or a text `host:port`.
    Strings,      ///< A text, or an array of them.
    Texts,        ///< A map from text to text.
    Flags,        ///< A map from text to boolean.
    Block,        ///< A map with the keys of `Key::inner`.
    Blocks,       ///< An array of such maps.
    NamedBlocks,  ///< A map from names that are free to such maps.
};

/// Whether a running server takes a change of the key.
enum class ReloadRule {
    Applied,
    Partial,  ///< Some changes of it.
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

/// What the keys of a block are read into.
using Object =
    std::variant<Options*, User*, AuthCallout*, permission::Permissions*, permission::SubjectRules*,
                 permission::ResponseRules*, AccountOptions*, AccountLimits*, ExportOptions*,
                 LatencyOptions*, ImportOptions*, MappingDestination*, TraceOptions*, TlsOptions*,
                 TlsCertificate*, OcspPeer*, OcspOptions*, ResolverOptions*, std::string*,
                 JetStreamOptions*, JetStreamServerLimits*, JetStreamBatchLimits*, JetStreamTier*,
                 ClusterOptions*, PeerLogin*, CompressionOptions*, LeafOptions*, LeafAuthorization*,
                 LeafUser*, LeafRemoteOptions*, GatewayOptions*, RemoteGatewayOptions*>;

/// Where a value goes, and all that reading it needs.
struct Target {
    Options& options;
    Problems& problems;
    FileReader& files;  ///< For what the configuration names: certificates, JWTs.
    /// Of all accounts: a name or nkey belongs to one alone.
    std::set<std::string, std::less<>>& user_ids;
    Object object;
    bool between_servers = false;  ///< Within a block about connections to other servers.

    template <class T>
    T& as() const {
        T* const* object_of_type = std::get_if<T*>(&object);
        CHECK(object_of_type != nullptr);
        return **object_of_type;
    }
    /// The same reading, of a block within.
    Target of(Object inner) const {
        return {options, problems, files, user_ids, inner, between_servers};
    }
};

/// All that is known of one key: this table drives reading, reload, documentation and the editor.
struct Key {
    using Read = void (*)(Key const&, Value const&, Target&);
    using Print = std::string (*)(Options const&);
    using Default = std::string (*)();
    using Same = bool (*)(Options const&, Options const&);

    std::string_view names;  ///< The name, then its aliases, with blanks between.
    KeyType type = KeyType::String;
    Block inner = Block::Top;  ///< What stands in it, of `Block`, `Blocks` and `NamedBlocks`.
    std::string_view also;     ///< What else it may be: `text`, `boolean`.
    std::string_view choices;  ///< The texts it may be, with blanks between; empty: any.
    ReloadRule reload = ReloadRule::Applied;
    std::string_view field;  ///< The option's name in messages about reload.
    std::string_view about;  ///< A sentence for the documentation.
    std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    bool zero_is_default = false;
    std::string_view part;  ///< What it belongs to, of keys whose part is not built.

    Read read = nullptr;           ///< None for keys of parts that are not built.
    Default by_default = nullptr;  ///< The value when the key is not there, as text.
    Print print = nullptr;   ///< The value as text; secrets as `[REDACTED]`. None for nested keys.
    Same same = nullptr;     ///< None for nested keys, which change with the key they stand in.
    Same allowed = nullptr;  ///< Of `Partial`: whether a running server takes this change.

    bool built() const { return part.empty(); }
    bool has_block() const;
    std::string_view name() const { return names.substr(0, names.find(' ')); }
    /// Names are compared in lower case.
    bool is_named(std::string_view lower_name) const;
    /// `array of blocks`, `seconds or duration`: the type in words.
    std::string type_text() const;
    /// Empty when there is none to tell.
    std::string default_text() const;
};

/// The keys of a block in the order of the documentation.
std::span<Key const> keys_of(Block block);

/// The key of that name or alias, in any case; null when there is none.
Key const* find_key(Block block, std::string_view name);

/// The known name that is most like `name`, when one is like enough to have been meant.
std::optional<std::string_view> nearest_key(Block block, std::string_view name);

/// The key's value in a map, whatever its case and alias; null when it is not there. `name` is the
/// key's own.
Value const* member(Block block, Value::Map const& map, std::string_view name);

/// Reads the members of a map by the block's keys and tells unknown ones.
void read_members(Block block, Value::Map const& map, Target& target);

/// The same of a value that should be a map, and what the block's keys must be together. False when
/// it is none, which is told.
bool read_block(Block block, Value const& value, Target& target);

/// What stands at a path, for editors.
struct Place {
    std::optional<Block> block;  ///< Its keys may stand here; none: names that are free.
    Key const* key = nullptr;    ///< That led here; null at the top.
    bool in_array = false;       ///< The path ends at an array of blocks, not within one of them.
};

/// Follows keys, free names and `[]` (within an array) from the top: `accounts`, `A`, `exports`,
/// `[]`. Null when the path leads to no block.
std::optional<Place> place_at(std::span<std::string_view const> path);

/// The same of `accounts.A.exports[]`; names with dots in them cannot be written so.
std::optional<Place> place_at(std::string_view path);

}  // namespace signalbox::config
