#pragma once

#include "engine/config/options.h"

#include "gui/source/configuration.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace signalbox::gui {

/// Somebody who may connect, and by which rules.
struct UserEntry {
    /// How clients say who they are.
    enum class Proof {
        Nothing,
        Password,
        Nkey,
        Token,
    };
    /// Whose permissions hold.
    enum class Rules {
        None,  ///< There are none: everything is allowed.
        Own,
        OfAccount,
    };

    std::string id;  ///< A user name or public nkey; empty: whoever shows a token, or nothing.
    Proof proof = Proof::Password;
    Rules rules = Rules::None;
    std::optional<permission::Permissions> permissions;
    permission::ConnectionTypes connection_types;
};

struct AccountEntry {
    std::string name;
    bool system = false;
    config::AccountOptions options;  ///< Without users, which stand below.
    std::vector<UserEntry> users;
};

/// The accounts that a configuration makes, `$G` first and the system's last. Nothing secret is in
/// them.
std::vector<AccountEntry> accountsOf(config::Options const& options);

AccountEntry const* findAccount(std::vector<AccountEntry> const& accounts, std::string_view name);
UserEntry const* findUser(AccountEntry const& account, std::string_view id);

/// For people: the id, or what stands for one.
QString userText(UserEntry const& user);
/// `password`, `nkey`, …
QString proofText(UserEntry::Proof proof);
/// Its permissions in a few words: `publish 2 allowed, 1 denied`.
QString rulesText(UserEntry const& user);

/// The list that a rule stands in.
enum class RuleList {
    PublishAllow,
    PublishDeny,
    SubscribeAllow,
    SubscribeDeny,
};

/// Where a rule of that user stands in the configuration's files, `file:line`, or the rule of its
/// account when it has none of its own; empty when it cannot be found there.
QString placeOfRule(Configuration const& configuration, std::string_view account,
                    std::string_view user, RuleList list, std::string_view rule);

/// Where a rule stands, as a position in the files.
std::optional<config::Position> positionOfRule(Configuration const& configuration,
                                               std::string_view account, std::string_view user,
                                               RuleList list, std::string_view rule);

}  // namespace signalbox::gui
