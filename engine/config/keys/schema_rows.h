#pragma once

#include "engine/config/block_spec.h"
#include "engine/config/read_values.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// What the rows of the option table are made with. A key is named by the path of member pointers
/// that leads to its option: `key<&Options::limits, &Limits::max_payload>(…)`.
namespace signalbox::config {

inline constexpr std::int64_t kMost32 = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kMost64 = std::numeric_limits<std::int64_t>::max();
inline constexpr auto kApplied = ReloadRule::Applied;
inline constexpr auto kPartial = ReloadRule::Partial;
inline constexpr auto kRefused = ReloadRule::Refused;

template <class Pointer>
struct MemberOf;
template <class C, class M>
struct MemberOf<M C::*> {
    // What the options inherit is a member of theirs.
    using Class = std::conditional_t<std::is_base_of_v<C, Options>, Options, C>;
};

/// What the first of the path is a member of.
template <auto... Path>
struct PathRoot;
template <auto First, auto... Rest>
struct PathRoot<First, Rest...> {
    using Class = typename MemberOf<decltype(First)>::Class;
};
template <auto... Path>
using RootOf = typename PathRoot<Path...>::Class;

template <auto... Path>
auto const& at(RootOf<Path...> const& root) {
    return (root.*....*Path);
}
template <auto... Path>
auto& at(RootOf<Path...>& root) {
    return (root.*....*Path);
}

template <auto... Path>
using ValueOf = std::remove_cvref_t<decltype(at<Path...>(std::declval<RootOf<Path...> const&>()))>;

/// The member itself, made when it was not there.
template <class T>
T& made(T& member) {
    return member;
}
template <class T>
T& made(std::optional<T>& member) {
    return member.emplace();
}

template <auto... Path>
void read_member(Key const& key, Value const& value, Target& target) {
    auto& member = at<Path...>(target.as<RootOf<Path...>>());
    read_value(key, value, target.problems, member);
    if (key.zero_is_default && member == ValueOf<Path...>{}) {
        member = at<Path...>(RootOf<Path...>{});
    }
}

/// A block that is one member, from nothing each time.
template <auto... Path>
void read_block_member(Key const& key, Value const& value, Target& target) {
    auto& member = at<Path...>(target.as<RootOf<Path...>>());
    member = ValueOf<Path...>{};
    Target inner = target.of(&made(member));
    read_block(key.inner, value, inner);
}

/// Its elements are blocks.
template <auto... Path>
void read_blocks_member(Key const& key, Value const& value, Target& target) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        target.problems.error(value.position(), spec_of(key.inner).not_an_array(value));
        return;
    }
    ValueOf<Path...> found;
    for (Value const& entry : *array) {
        typename ValueOf<Path...>::value_type one;
        Target inner = target.of(&one);
        if (read_block(key.inner, entry, inner)) {
            found.push_back(std::move(one));
        }
    }
    at<Path...>(target.as<RootOf<Path...>>()) = std::move(found);
}

template <auto... Path>
std::string print_member(Options const& options) {
    return text_of(at<Path...>(options));
}

template <auto... Path>
std::string print_default() {
    return text_of(at<Path...>(RootOf<Path...>{}));
}

template <auto... Path>
bool same_member(Options const& a, Options const& b) {
    return at<Path...>(a) == at<Path...>(b);
}

constexpr KeyType type_of(bool const*) {
    return KeyType::Boolean;
}
constexpr KeyType type_of(std::int64_t const*) {
    return KeyType::Integer;
}
constexpr KeyType type_of(int const*) {
    return KeyType::Integer;
}
constexpr KeyType type_of(Duration const*) {
    return KeyType::Duration;
}
constexpr KeyType type_of(crypto::Secret const*) {
    return KeyType::Secret;
}
constexpr KeyType type_of(std::vector<std::string> const*) {
    return KeyType::Strings;
}
constexpr KeyType type_of(std::map<std::string, std::string> const*) {
    return KeyType::Texts;
}
constexpr KeyType type_of(std::map<std::string, bool> const*) {
    return KeyType::Flags;
}
constexpr KeyType type_of(void const*) {
    return KeyType::String;
}

/// What is alike for all keys that are one member of the options.
template <auto... Path>
constexpr Key described(std::string_view names, ReloadRule reload, std::string_view field,
                        std::string_view about) {
    Key key;
    key.names = names;
    key.type = type_of(static_cast<ValueOf<Path...> const*>(nullptr));
    key.reload = reload;
    key.field = field;
    key.about = about;
    key.by_default = print_default<Path...>;
    if constexpr (std::is_same_v<RootOf<Path...>, Options>) {
        key.print = print_member<Path...>;
        key.same = same_member<Path...>;
    }
    return key;
}

template <auto... Path>
constexpr Key key(std::string_view names, ReloadRule reload, std::string_view field,
                  std::string_view about) {
    Key one = described<Path...>(names, reload, field, about);
    one.read = read_member<Path...>;
    return one;
}

/// A key of a nested block, which changes with the key that the block belongs to.
template <auto... Path>
constexpr Key nested(std::string_view names, std::string_view about) {
    return key<Path...>(names, kApplied, "", about);
}

/// A count or a size: never negative, and 0 stands for the default.
template <auto... Path>
constexpr Key amount(std::string_view names, ReloadRule reload, std::string_view field,
                     std::string_view about, std::int64_t highest = kMost32) {
    Key one = key<Path...>(names, reload, field, about);
    one.lowest = 0;
    one.highest = highest;
    one.zero_is_default = true;
    return one;
}

/// The same of a nested block.
template <auto... Path>
constexpr Key amount_of(std::string_view names, std::string_view about) {
    return amount<Path...>(names, kApplied, "", about);
}

constexpr Key special(Key one, Key::Read read) {
    one.read = read;
    return one;
}
constexpr Key special(Key one, Key::Read read, KeyType type) {
    one.type = type;
    return special(one, read);
}

/// A key that is no single member.
constexpr Key row(std::string_view names, KeyType type, std::string_view about, Key::Read read) {
    Key one;
    one.names = names;
    one.type = type;
    one.about = about;
    one.read = read;
    return one;
}

constexpr Key with_choices(Key one, std::string_view choices) {
    one.choices = choices;
    return one;
}

/// A key that leads to a block. `also` says what else it may be.
constexpr Key block(Key one, Block inner, Key::Read read, std::string_view also = "") {
    one.type = KeyType::Block;
    one.inner = inner;
    one.read = read;
    one.also = also;
    one.by_default = nullptr;
    return one;
}
constexpr Key blocks(Key one, Block inner, Key::Read read) {
    one = block(one, inner, read);
    one.type = KeyType::Blocks;
    return one;
}
constexpr Key named_blocks(Key one, Block inner, Key::Read read, std::string_view also = "") {
    one = block(one, inner, read, also);
    one.type = KeyType::NamedBlocks;
    return one;
}

/// A key known to the reference whose part is not built: refused by name, so that nobody believes
/// it has an effect.
constexpr Key absent(std::string_view names, std::string_view part) {
    Key one;
    one.names = names;
    one.part = part;
    return one;
}

// Keys of the top of the file that are like no other are read beside the blocks they lead to.

void read_accounts(Key const& key, Value const& value, Target& target);
std::string print_accounts(Options const& options);
bool same_accounts(Options const& a, Options const& b);

/// The mappings of an account, and those of `$G`.
void read_mappings(Key const& key, Value const& value, Target& target);
void read_top_mappings(Key const& key, Value const& value, Target& target);
std::string print_mappings(Options const& options);
bool same_mappings(Options const& a, Options const& b);

void read_operators(Key const& key, Value const& value, Target& target);
void read_trusted_keys(Key const& key, Value const& value, Target& target);
void read_resolver(Key const& key, Value const& value, Target& target);
void read_resolver_preload(Key const& key, Value const& value, Target& target);
void read_pinned_accounts(Key const& key, Value const& value, Target& target);
void read_proxies(Key const& key, Value const& value, Target& target);
void read_ocsp(Key const& key, Value const& value, Target& target);

void read_store_dir(Key const& key, Value const& value, Target& target);
void read_jetstream(Key const& key, Value const& value, Target& target);
std::string print_jetstream(Options const& options);
bool same_jetstream(Options const& a, Options const& b);
/// A running server takes more room, and other limits.
bool same_but_growth(Options const& old, Options const& now);
void read_account_jetstream(Key const& key, Value const& value, Target& target);
/// A number of seconds, whole or not, or a text as `2m`; over a minute it is warned of. Nothing and
/// a problem when it is neither.
std::optional<Duration> read_seconds(Key const& key, Value const& value, Problems& problems);

/// `headers`, or a percentage of 1 to 100 as a number or a text; kept as 0 and the number.
void read_sampling(Value const& value, int& out, Problems& problems);

/// Tells two service imports from one account at one local subject.
void check_imports_together(AccountOptions const& account, Position const& at, Problems& problems);

/// Tells accounts that an export or import names and that are none.
void check_accounts_named(std::vector<AccountOptions> const& accounts, Position const& at,
                          Problems& problems);

/// Notes whose users these are, and tells those that are someone's already, at `at`.
void claim_users(std::vector<User> const& users, Position const& at, Target& target);

}  // namespace signalbox::config
