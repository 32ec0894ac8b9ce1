#pragma once

#include "engine/config/schema.h"

#include <optional>
#include <vector>

/// Keys of the top of the file that are like no other, read beside the blocks they lead to.
namespace signalbox::config {

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
