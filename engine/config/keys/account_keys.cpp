#include "engine/base/text.h"
#include "engine/config/keys/schema_rows.h"
#include "engine/config/validate.h"
#include "engine/crypto/nkey.h"
#include "engine/subject/subject.h"

#include <algorithm>

namespace signalbox::config {

namespace {

constexpr std::string_view kGlobal = "$G";

/// All but `$G`, which is there only for what is said of it elsewhere.
std::vector<AccountOptions const*> named_accounts(Options const& options) {
    std::vector<AccountOptions const*> accounts;
    for (AccountOptions const& account : options.accounts) {
        if (account.name != kGlobal) {
            accounts.push_back(&account);
        }
    }
    return accounts;
}

bool is_reserved(std::string_view name, Position const& at, Problems& problems) {
    if (name != kGlobal) {
        return false;
    }
    problems.error(at, concat(base::quoted(name), " is a Reserved Account"));
    return true;
}

void read_account_names(Value::Array const& array, Target& target) {
    std::vector<AccountOptions>& accounts = target.options.accounts;
    for (Value const& element : array) {
        auto const* name = element.as<std::string>();
        Position const& at = element.position();
        if (name == nullptr) {
            wrong_type(element, "string", target.problems);
        } else if (is_reserved(*name, at, target.problems)) {
            continue;
        } else if (std::ranges::find(accounts, *name, &AccountOptions::name) != accounts.end()) {
            target.problems.error(at, concat("Duplicate Account Entry: ", *name));
        } else {
            accounts.push_back({.name = *name});
        }
    }
}

void check_account(Value const& value, Value::Map const& map, Target& target) {
    auto const& account = target.as<AccountOptions>();
    if (!account.nkey.empty() && !crypto::is_public_nkey(account.nkey, crypto::NkeyKind::Account)) {
        Value const* const nkey = member(Block::Account, map, "nkey");
        target.problems.error(
            nkey == nullptr ? value.position() : nkey->position(),
            concat("Not a valid public nkey for an account: ", base::quoted(account.nkey)));
    }
    if (Value const* const users = member(Block::Account, map, "users")) {
        claim_users(account.users, users->position(), target);
    }
}

void read_trace_sampling(Key const&, Value const& value, Target& target) {
    read_sampling(value, target.as<TraceOptions>().sampling, target.problems);
}

void read_trace(Key const& key, Value const& value, Target& target) {
    TraceOptions& trace = target.as<AccountOptions>().trace.emplace();
    if (auto const* text = value.as<std::string>()) {
        trace.destination = *text;
    } else {
        Target inner = target.of(&trace);
        read_block(key.inner, value, inner);
    }
    if (!trace.destination.empty() && !subject::Subject::parse(trace.destination).ok()) {
        target.problems.error(
            value.position(),
            concat("Trace destination ", base::quoted(trace.destination), " is not valid"));
    }
}

constexpr Key kAccount[] = {
    nested<&AccountOptions::nkey>("nkey", "The account's public nkey."),
    blocks(row("users", KeyType::Blocks, "Those who connect to the account.", nullptr), Block::User,
           read_blocks_member<&AccountOptions::users>),
    block(row("default_permissions", KeyType::Block, "The permissions of users without their own.",
              nullptr),
          Block::Permissions, read_block_member<&AccountOptions::default_permissions>),
    blocks(row("exports", KeyType::Blocks, "What other accounts may import.", nullptr),
           Block::Export, read_blocks_member<&AccountOptions::exports>),
    blocks(row("imports", KeyType::Blocks, "What is taken from other accounts.", nullptr),
           Block::Import, read_blocks_member<&AccountOptions::imports>),
    named_blocks(row("mappings maps", KeyType::NamedBlocks,
                     "Subjects that are renamed when a client publishes on them.", nullptr),
                 Block::Destination, read_mappings, "text or array of blocks"),
    block(row("limits", KeyType::Block, "How much the account may take.", nullptr),
          Block::AccountLimits, read_block_member<&AccountOptions::limits>),
    block(row("msg_trace trace_dest", KeyType::Block,
              "Where messages with trace headers of the open kind are reported.", nullptr),
          Block::Trace, read_trace, "text"),
    block(row("jetstream", KeyType::Block, "Whether the account may keep messages, and how many.",
              nullptr),
          Block::AccountJetStream, read_account_jetstream, "boolean or text"),
};

constexpr Key kLimits[] = {
    nested<&AccountLimits::max_connections>("max_connections max_conn",
                                            "Client connections at a time; negative is no limit."),
    nested<&AccountLimits::max_subscriptions>("max_subscriptions max_subs",
                                              "Subscriptions of each connection."),
    nested<&AccountLimits::max_payload>("max_payload max_pay", "Bytes of a message."),
    nested<&AccountLimits::max_leafnodes>("max_leafnodes max_leafs",
                                          "Connections of leaf nodes at a time."),
};

constexpr Key kTrace[] = {
    nested<&TraceOptions::destination>("dest", "Where traces are published."),
    row("sampling", KeyType::Integer, "Percent of the messages that are traced, 100 by default.",
        read_trace_sampling),
};

}  // namespace

void read_accounts(Key const&, Value const& value, Target& target) {
    std::vector<AccountOptions>& accounts = target.options.accounts;
    if (auto const* array = value.as<Value::Array>()) {
        return read_account_names(*array, target);
    }
    Value::Map const* map = map_of(value, target.problems);
    if (map == nullptr) {
        return;
    }
    for (auto const& [name, entry] : in_order(*map)) {
        if (entry->used_as_variable() || is_reserved(name, entry->position(), target.problems)) {
            continue;
        }
        AccountOptions account{.name = std::string(name)};
        Target inner = target.of(&account);
        if (read_block(Block::Account, *entry, inner)) {
            check_imports_together(account, entry->position(), target.problems);
            accounts.push_back(std::move(account));
        }
    }
    check_accounts_named(accounts, value.position(), target.problems);
    if (auto const fault = check_sharing(accounts, nullptr)) {
        target.problems.error(value.position(),
                              concat("Error adding ", fault->what, ": ", fault->why));
    }
}

std::string print_accounts(Options const& options) {
    std::vector<std::string> names;
    for (AccountOptions const* account : named_accounts(options)) {
        names.push_back(account->name);
    }
    return text_of(names);
}

bool same_accounts(Options const& a, Options const& b) {
    return std::ranges::equal(
        named_accounts(a), named_accounts(b),
        [](AccountOptions const* one, AccountOptions const* other) { return *one == *other; });
}

BlockSpec account_spec() {
    return {
        .path = "accounts.<name>",
        .about =
            "A room of its own: no message leaves it but by an export that another "
            "account imports.",
        .example =
            "accounts {\n"
            "  SHOP {\n"
            "    users: [ { user: shop, password: $SHOP_PASSWORD } ]\n"
            "    exports: [ { service: \"orders.create\" }, { stream: \"prices.>\" } ]\n"
            "    limits { max_connections: 100 }\n"
            "  }\n"
            "  WEB {\n"
            "    users: [ { user: web, password: $WEB_PASSWORD } ]\n"
            "    imports: [\n"
            "      { service: { account: SHOP, subject: \"orders.create\" } }\n"
            "      { stream: { account: SHOP, subject: \"prices.>\" }, prefix: shop }\n"
            "    ]\n"
            "    mappings { \"old.*\": \"new.$1\" }\n"
            "  }\n"
            "}",
        .keys = kAccount,
        .not_a_map = [](Value const&) { return std::string("Expected map entries for accounts"); },
        .check = check_account};
}

BlockSpec account_limits_spec() {
    return {.path = "accounts.<name>.limits",
            .about = "Each without a limit when not given.",
            .example = "limits { max_connections: 100, max_subscriptions: 50, max_payload: 64kb }",
            .keys = kLimits,
            .not_a_map =
                [](Value const& value) {
                    return concat("Expected account limits to be a map/struct, got ", shown(value));
                },
            .unknown =
                [](std::string_view name) {
                    return concat("Unknown field ", base::quoted(name), " parsing account limits");
                }};
}

BlockSpec trace_spec() {
    return {
        .path = "accounts.<name>.msg_trace",
        .about = "Traces of messages of the account.",
        .example = "msg_trace { dest: \"traces\", sampling: 10 }",
        .keys = kTrace,
        .not_a_map =
            [](Value const& value) {
                return concat(
                    "Expected account message trace \"trace_dest\" to be a string or a map/struct, "
                    "got ",
                    type_name(value));
            },
        .unknown =
            [](std::string_view name) {
                return concat("Unknown field ", base::quoted(name),
                              " parsing account message trace map/struct \"trace_dest\"");
            }};
}

}  // namespace signalbox::config
