#include "gui/models/account_list.h"

#include "engine/base/text.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <initializer_list>

namespace signalbox::gui {

namespace {

using config::Value;
using permission::Permissions;

constexpr std::string_view kGlobal = "$G";
constexpr std::string_view kSystem = "$SYS";

QString say(char const* text) {
    return QCoreApplication::translate("account", text);
}

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

UserEntry entryOf(config::User const& user, std::optional<Permissions> const& of_account) {
    UserEntry entry{
        .id = user.id(),
        .proof = user.nkey.empty() ? UserEntry::Proof::Password : UserEntry::Proof::Nkey,
        .connection_types = user.connection_types};
    if (user.permissions) {
        entry.rules = UserEntry::Rules::Own;
        entry.permissions = user.permissions;
    } else if (of_account) {
        entry.rules = UserEntry::Rules::OfAccount;
        entry.permissions = of_account;
    }
    return entry;
}

/// The account of all who are in no other.
AccountEntry globalAccount(config::Options const& options) {
    AccountEntry account{.name = std::string(kGlobal)};
    config::Authorization const& rules = options.authorization;
    for (config::User const& user : rules.users) {
        account.users.push_back(entryOf(user, rules.default_permissions));
    }
    config::User single;
    if (!rules.user.empty()) {
        single.name = rules.user;
        account.users.push_back(entryOf(single, rules.default_permissions));
    }
    if (!rules.token.empty()) {
        account.users.push_back({.proof = UserEntry::Proof::Token});
    }
    if (!options.authentication_required()) {
        account.users.push_back({.proof = UserEntry::Proof::Nothing});
    }
    return account;
}

Value const* memberOf(Value const* value, std::initializer_list<std::string_view> names) {
    auto const* const map = value == nullptr ? nullptr : value->as<Value::Map>();
    if (map == nullptr) {
        return nullptr;
    }
    for (auto const& [key, member] : *map) {
        for (std::string_view const name : names) {
            if (base::equal_ignoring_case(key, name)) {
                return &member;
            }
        }
    }
    return nullptr;
}

bool isText(Value const* value, std::string_view text) {
    auto const* const word = value == nullptr ? nullptr : value->as<std::string>();
    return word != nullptr && *word == text;
}

/// The block of that user in an array of users.
Value const* userIn(Value const* users, std::string_view id) {
    auto const* const array = users == nullptr ? nullptr : users->as<Value::Array>();
    if (array == nullptr) {
        return nullptr;
    }
    for (Value const& user : *array) {
        if (isText(memberOf(&user, {"user", "username"}), id) ||
            isText(memberOf(&user, {"nkey"}), id)) {
            return &user;
        }
    }
    return nullptr;
}

/// The text, or the one in an array of them.
Value const* textIn(Value const* texts, std::string_view text) {
    if (isText(texts, text)) {
        return texts;
    }
    auto const* const array = texts == nullptr ? nullptr : texts->as<Value::Array>();
    if (array != nullptr) {
        for (Value const& one : *array) {
            if (isText(&one, text)) {
                return &one;
            }
        }
    }
    return nullptr;
}

Value const* ruleIn(Value const* permissions, RuleList list, std::string_view rule) {
    bool const publish = list == RuleList::PublishAllow || list == RuleList::PublishDeny;
    bool const allow = list == RuleList::PublishAllow || list == RuleList::SubscribeAllow;
    Value const* const rules = publish ? memberOf(permissions, {"publish", "pub", "import"})
                                       : memberOf(permissions, {"subscribe", "sub", "export"});
    if (rules == nullptr) {
        return nullptr;
    }
    // Without a block, what stands there is allowed.
    return rules->as<Value::Map>() == nullptr
               ? (allow ? textIn(rules, rule) : nullptr)
               : textIn(allow ? memberOf(rules, {"allow"}) : memberOf(rules, {"deny"}), rule);
}

/// The block of an account, by its name.
Value const* blockOf(Value const* accounts, std::string_view account) {
    auto const* const map = accounts == nullptr ? nullptr : accounts->as<Value::Map>();
    if (map == nullptr) {
        return nullptr;
    }
    auto const found = map->find(account);
    return found == map->end() ? nullptr : &found->second;
}

}  // namespace

std::vector<AccountEntry> accountsOf(config::Options const& options) {
    std::vector<AccountEntry> accounts;
    accounts.push_back(globalAccount(options));
    std::string const system =
        options.system_account.empty() ? std::string(kSystem) : options.system_account;
    for (config::AccountOptions const& one : options.accounts) {
        if (one.name == kGlobal) {
            accounts.front().options = one;
            continue;
        }
        AccountEntry entry{.name = one.name, .system = one.name == system, .options = one};
        for (config::User const& user : one.users) {
            entry.users.push_back(entryOf(user, one.default_permissions));
        }
        accounts.push_back(std::move(entry));
    }
    if (!options.no_system_account && findAccount(accounts, system) == nullptr) {
        accounts.push_back({.name = system, .system = true});
    }
    for (AccountEntry& account : accounts) {
        account.options.users.clear();
    }
    std::stable_partition(accounts.begin(), accounts.end(),
                          [](AccountEntry const& one) { return !one.system; });
    return accounts;
}

AccountEntry const* findAccount(std::vector<AccountEntry> const& accounts, std::string_view name) {
    auto const found = std::ranges::find(accounts, name, &AccountEntry::name);
    return found == accounts.end() ? nullptr : &*found;
}

UserEntry const* findUser(AccountEntry const& account, std::string_view id) {
    auto const found = std::ranges::find(account.users, id, &UserEntry::id);
    return found == account.users.end() ? nullptr : &*found;
}

QString userText(UserEntry const& user) {
    switch (user.proof) {
        case UserEntry::Proof::Nothing:
            return say("anyone");
        case UserEntry::Proof::Token:
            return say("whoever has the token");
        case UserEntry::Proof::Password:
        case UserEntry::Proof::Nkey:
            break;
    }
    return textOf(user.id);
}

QString proofText(UserEntry::Proof proof) {
    switch (proof) {
        case UserEntry::Proof::Nothing:
            return say("asked nothing");
        case UserEntry::Proof::Password:
            return say("password");
        case UserEntry::Proof::Nkey:
            return say("nkey");
        case UserEntry::Proof::Token:
            return say("token");
    }
    return {};
}

QString rulesText(UserEntry const& user) {
    if (!user.permissions) {
        return say("everything is allowed");
    }
    auto const side = [](permission::SubjectRules const& rules, QString const& verb) {
        QStringList parts;
        if (!rules.allow.empty()) {
            parts << say("%1 allowed").arg(rules.allow.size());
        }
        if (!rules.deny.empty()) {
            parts << say("%1 denied").arg(rules.deny.size());
        }
        return parts.isEmpty()
                   ? QString()
                   : QStringLiteral("%1 %2").arg(verb, parts.join(QStringLiteral(", ")));
    };
    QStringList parts;
    for (QString const& part : {side(user.permissions->publish, say("publish")),
                                side(user.permissions->subscribe, say("subscribe"))}) {
        if (!part.isEmpty()) {
            parts << part;
        }
    }
    if (user.permissions->responses) {
        parts << say("may answer");
    }
    QString text =
        parts.isEmpty() ? say("everything is allowed") : parts.join(QStringLiteral(" · "));
    return user.rules == UserEntry::Rules::OfAccount ? say("%1 (the account's)").arg(text) : text;
}

std::optional<config::Position> positionOfRule(Configuration const& configuration,
                                               std::string_view account, std::string_view user,
                                               RuleList list, std::string_view rule) {
    Value const root(configuration.document.root, {});
    bool const global = account == kGlobal;
    Value const* const block = global ? memberOf(&root, {"authorization"})
                                      : blockOf(memberOf(&root, {"accounts"}), account);
    Value const* const who = userIn(memberOf(block, {"users"}), user);
    Value const* found = ruleIn(memberOf(who, {"permissions", "permission"}), list, rule);
    if (found == nullptr) {
        found = ruleIn(memberOf(block, {"default_permissions", "permissions"}), list, rule);
    }
    return found == nullptr ? std::nullopt : std::optional(found->position());
}

QString placeOfRule(Configuration const& configuration, std::string_view account,
                    std::string_view user, RuleList list, std::string_view rule) {
    std::optional<config::Position> const at =
        positionOfRule(configuration, account, user, list, rule);
    if (!at || !at->file) {
        return {};
    }
    return QStringLiteral("%1:%2")
        .arg(QFileInfo(QString::fromStdString(*at->file)).fileName())
        .arg(at->line);
}

}  // namespace signalbox::gui
